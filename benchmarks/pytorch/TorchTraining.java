import static org.bytedeco.pytorch.global.torch.*;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Trains a GPT-2 in float32 by PyTorch's C++ library on what ExportTraining wrote, and prints validation losses: with the same first
 * weights and the same batches ({@code same}), or as nanoGPT does, with weights of its own and rows cut at random places of the text (a
 * seed). Matrices and tables decay, biases and norms do not.
 */
public final class TorchTraining {
  private static final long IGNORED = -100;
  private static final int VALIDATED_ROWS = 64;

  private final Properties run = new Properties();
  private final Map<String, Tensor> weights = new LinkedHashMap<>();
  private final int width;
  private final int heads;
  private final int layers;
  private final int positions;
  private final int vocabulary;

  private TorchTraining(Path folder) throws IOException {
    run.load(Files.newBufferedReader(folder.resolve("run.properties")));
    width = integer("width");
    heads = integer("heads");
    layers = integer("layers");
    positions = integer("positions");
    vocabulary = integer("vocabulary");
    try (DataInputStream in = open(folder, "weights.bin")) {
      for (String line : Files.readAllLines(folder.resolve("tensors.txt"))) {
        String[] words = line.split(" ");
        long[] shape = Arrays.stream(words).skip(1).mapToLong(Long::parseLong).toArray();
        float[] values = new float[Math.toIntExact(Arrays.stream(shape).reduce(1, (a, b) -> a * b))];
        for (int i = 0; i < values.length; i++) {
          values[i] = in.readFloat();
        }
        weights.put(words[0], Tensor.create(values, shape).set_requires_grad(true));
      }
    }
  }

  private int integer(String key) {
    return Integer.parseInt(run.getProperty(key));
  }

  private double decimal(String key) {
    return Double.parseDouble(run.getProperty(key));
  }

  private static DataInputStream open(Path folder, String name) throws IOException {
    return new DataInputStream(new BufferedInputStream(Files.newInputStream(folder.resolve(name)), 1 << 20));
  }

  /** nanoGPT's: normal with deviation 0.02, divided by the root of twice the layers where a layer ends. */
  private void draw(long seed) {
    torch.manual_seed(seed);
    try (AutoGradMode none = new AutoGradMode(false)) {
      weights.forEach((name, weight) -> {
        if (weight.dim() > 1) {
          boolean residual = name.contains("out_proj") || name.contains("linear2");
          weight.normal_(0, residual ? 0.02 / Math.sqrt(2.0 * layers) : 0.02, new org.bytedeco.pytorch.GeneratorOptional());
        }
      });
    }
  }

  private static List<int[]> readRows(DataInputStream in) throws IOException {
    List<int[]> rows = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      int[] ids = new int[in.readInt()];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = in.readInt();
      }
      rows.add(ids);
    }
    return rows;
  }

  private static List<int[]> readAll(Path folder, String name) throws IOException {
    List<int[]> all = new ArrayList<>();
    try (DataInputStream in = open(folder, name)) {
      while (true) {
        all.addAll(readRows(in));
      }
    } catch (EOFException end) {
      return all;
    }
  }

  private Tensor weight(String name) {
    Tensor weight = weights.get(name);
    if (weight == null) {
      throw new IllegalStateException("No weight " + name + " among " + weights.keySet());
    }
    return weight;
  }

  private Tensor norm(Tensor x, String name) {
    return layer_norm(x, new long[] {width}, new TensorOptional(weight(name + ".weight")), new TensorOptional(weight(name + ".bias")),
        decimal("epsilon"), true);
  }

  private Tensor linear(Tensor x, String weight, String bias) {
    return torch.linear(x, weight(weight), new TensorOptional(weight(bias)));
  }

  private Tensor split(Tensor x) {
    return x.view(x.size(0), x.size(1), heads, width / heads).transpose(1, 2);
  }

  /** Summed loss of rows, the last token of each being only predicted; shorter rows are filled up with tokens that do not count. */
  private Tensor loss(List<int[]> rows) {
    int time = rows.stream().mapToInt(row -> row.length - 1).max().orElseThrow();
    long[] read = new long[rows.size() * time];
    long[] labels = new long[read.length];
    Arrays.fill(labels, IGNORED);
    for (int r = 0; r < rows.size(); r++) {
      for (int t = 0; t < rows.get(r).length - 1; t++) {
        read[r * time + t] = rows.get(r)[t];
        labels[r * time + t] = rows.get(r)[t + 1];
      }
    }
    Tensor x = embedding(weight("embedding.weight"), Tensor.create(read, rows.size(), time))
        .add(weight("decoder.positions.weight").narrow(0, 0, time));
    for (int i = 0; i < layers; i++) {
      String layer = "decoder.layers." + i;
      Tensor qkv = linear(norm(x, layer + ".norm1"), layer + ".self_attn.in_proj_weight", layer + ".self_attn.in_proj_bias");
      Tensor context = scaled_dot_product_attention(split(qkv.narrow(2, 0, width)), split(qkv.narrow(2, width, width)),
          split(qkv.narrow(2, 2 * width, width)), new TensorOptional(), 0.0, true, new DoubleOptional(), false);
      x = x.add(linear(context.transpose(1, 2).reshape(rows.size(), time, width), layer + ".self_attn.out_proj.weight",
          layer + ".self_attn.out_proj.bias"));
      Tensor inner = linear(norm(x, layer + ".norm2"), layer + ".linear1.weight", layer + ".linear1.bias");
      x = x.add(linear(gelu(inner, run.getProperty("gelu").equals("GELU_TANH") ? "tanh" : "none"), layer + ".linear2.weight",
          layer + ".linear2.bias"));
    }
    Tensor logits = torch.linear(norm(x, "decoder.norm"), weight("embedding.weight"), new TensorOptional()).view(-1, vocabulary);
    return cross_entropy_loss(logits, Tensor.create(labels, labels.length), new TensorOptional(), torch.Reduction.Sum.value, IGNORED, 0.0);
  }

  private static long tokens(List<int[]> rows) {
    return rows.stream().mapToLong(row -> row.length - 1L).sum();
  }

  private double validationLoss(List<int[]> rows) {
    double sum = 0;
    try (AutoGradMode none = new AutoGradMode(false)) {
      for (int from = 0; from < rows.size(); from += VALIDATED_ROWS) {
        try (PointerScope scope = new PointerScope()) {
          sum += loss(rows.subList(from, Math.min(rows.size(), from + VALIDATED_ROWS))).item_double();
        }
      }
    }
    return sum / tokens(rows);
  }

  private double rate(int step) {
    double peak = decimal("peak");
    int warmup = integer("warmup");
    if (step < warmup) {
      return peak * step / warmup;
    }
    int from = Math.max(1, warmup);
    double share = Math.min(1, (double) (step - from) / (integer("steps") + 1 - from));
    return decimal("minimum") + (peak - decimal("minimum")) * (1 + Math.cos(Math.PI * share)) / 2;
  }

  private void clip(double most) {
    double squares = 0;
    for (Tensor weight : weights.values()) {
      double norm = weight.grad().norm().item_double();
      squares += norm * norm;
    }
    double norm = Math.sqrt(squares);
    if (most > 0 && norm > most) {
      for (Tensor weight : weights.values()) {
        weight.grad().mul_(new Scalar(most / norm));
      }
    }
  }

  private AdamW optimizer(boolean decays) {
    AdamWOptions options = new AdamWOptions(decimal("peak"));
    // The binding shows a C++ tuple, whose elements some libraries keep in reverse: the larger default is beta2.
    int second = options.betas().get(0) > options.betas().get(1) ? 0 : 1;
    options.betas().put(second, decimal("beta2")).put(1 - second, decimal("beta1"));
    options.eps().put(decimal("adamEpsilon"));
    options.weight_decay().put(decays ? decimal("decay") : 0);
    return new AdamW(new TensorVector(weights.values().stream().filter(weight -> weight.dim() > 1 == decays).toArray(Tensor[]::new)),
        options);
  }

  private void train(Path folder, List<Integer> validated, Long crops) throws IOException {
    List<int[]> validation = readAll(folder, "validation.bin");
    int[] text = crops == null ? null : readAll(folder, "train.bin").stream()
        .flatMapToInt(row -> Arrays.stream(row, 0, row.length - 1)).toArray();
    Random random = new Random(crops == null ? 0 : crops);
    List<AdamW> optimizers = List.of(optimizer(true), optimizer(false));
    long nanos = 0;
    try (DataInputStream in = open(folder, "batches.bin")) {
      for (int step = 1; step <= integer("steps"); step++) {
        long start = System.nanoTime();
        List<int[]> rows = readRows(in);
        if (crops != null) {
          rows.replaceAll(row -> {
            int from = random.nextInt(text.length - positions);
            return Arrays.copyOfRange(text, from, from + positions + 1);
          });
        }
        try (PointerScope scope = new PointerScope()) {
          for (AdamW optimizer : optimizers) {
            optimizer.zero_grad();
            optimizer.param_groups().get(0).options().set_lr(rate(step));
          }
          loss(rows).div(new Scalar((double) tokens(rows))).backward();
          clip(decimal("clip"));
          optimizers.forEach(AdamW::step);
        }
        nanos += System.nanoTime() - start;
        if (validated.contains(step) || step == integer("steps")) {
          System.out.printf(Locale.ROOT, "step %d | validation loss %.4f | training %.1f s, %.0f tokens/s%n", step,
              validationLoss(validation), nanos / 1e9, (double) step * tokens(rows) / (nanos / 1e9));
        }
      }
    }
  }

  public static void main(String[] args) throws IOException {
    if (args.length < 3) {
      System.err.println("Usage: TorchTraining FOLDER THREADS same|SEED [STEPS THAT ARE VALIDATED, WITH COMMAS]");
      System.exit(2);
    }
    torch.set_num_threads(Integer.parseInt(args[1]));
    TorchTraining training = new TorchTraining(Path.of(args[0]));
    Long crops = args[2].equals("same") ? null : Long.valueOf(args[2]);
    if (crops != null) {
      training.draw(crops);
    }
    training.train(Path.of(args[0]), args.length < 4 ? List.of() : Arrays.stream(args[3].split(",")).map(Integer::valueOf).toList(), crops);
    System.exit(0);
  }
}
