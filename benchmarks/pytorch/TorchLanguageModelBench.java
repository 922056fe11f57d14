import static org.bytedeco.pytorch.global.torch.*;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Training steps (forward, backward, Adam) of GPT-2 or of a llama in PyTorch's C++ library, timed: what {@code bench.sh train
 * --architecture} trains. Attention is scaled_dot_product_attention, without dropout of the probabilities, so that PyTorch may use its
 * fused kernel. With bf16 the linear layers and attention run in bfloat16 and the rest in float32, as in
 * PyTorch's CPU autocast; parameters stay float32.
 */
public final class TorchLanguageModelBench {
  private static final List<Tensor> PARAMETERS = new ArrayList<>();
  private static final double DEVIATION = 0.02;
  private static final double NORM_EPSILON = 1e-5;
  private static boolean bf16;

  /** {@code keyHeads} of keys and values; {@code gated} stands for what a llama has: RMS norm, rotary positions, SwiGLU, no biases. */
  private record Sizes(int width, int layers, int heads, int keyHeads, int inner, int vocabulary, boolean gated, double dropout,
      double theta) {
    int headWidth() {
      return width / heads;
    }
  }

  private static Sizes sizes(String architecture) {
    return switch (architecture) {
      case "gpt2" -> new Sizes(768, 12, 12, 12, 3072, 50257, false, 0.1, 0);
      case "llama" -> new Sizes(576, 30, 9, 3, 1536, 49152, true, 0, 100000);
      default -> throw new IllegalArgumentException("Unknown architecture: " + architecture + " (must be gpt2 or llama)");
    };
  }

  private TorchLanguageModelBench() {}

  private static Tensor parameter(Tensor initial) {
    Tensor parameter = initial.to(ScalarType.Float).detach().set_requires_grad(true);
    PARAMETERS.add(parameter);
    return parameter;
  }

  private static Tensor matrix(int rows, int columns) {
    return parameter(torch.randn(rows, columns).mul_(new Scalar(DEVIATION)));
  }

  private static Tensor low(Tensor tensor) {
    return bf16 ? tensor.to(ScalarType.BFloat16) : tensor;
  }

  private static Tensor dropped(Tensor x, double probability) {
    return probability == 0 ? x : dropout(x, probability, true);
  }

  private record Linear(Tensor weight, Tensor bias) {
    static Linear of(int in, int out, boolean biased) {
      return new Linear(matrix(out, in), biased ? parameter(torch.zeros(out)) : null);
    }

    Tensor apply(Tensor x) {
      return linear(low(x), low(weight), bias == null ? new TensorOptional() : new TensorOptional(low(bias)));
    }
  }

  private record Norm(Tensor gain, Tensor bias, long width) {
    static Norm of(Sizes sizes) {
      return new Norm(parameter(torch.ones(sizes.width)), sizes.gated ? null : parameter(torch.zeros(sizes.width)), sizes.width);
    }

    Tensor apply(Tensor x) {
      return bias == null ? rms_norm(x, new long[] {width}, new TensorOptional(gain), new DoubleOptional(NORM_EPSILON))
          : layer_norm(x, new long[] {width}, new TensorOptional(gain), new TensorOptional(bias), NORM_EPSILON, true);
    }
  }

  /** {@code [batch, time, heads * width]} to {@code [batch, heads, time, width]}. */
  private static Tensor split(Tensor x, int heads) {
    return x.view(x.size(0), x.size(1), heads, x.size(2) / heads).transpose(1, 2);
  }

  /** Cosines and sines {@code [time, head_width]} of rotary positions; null of a network without. */
  private record Rotary(Tensor cosines, Tensor sines) {
    static Rotary of(Sizes sizes, int time) {
      if (!sizes.gated) {
        return null;
      }
      int half = sizes.headWidth() / 2;
      Tensor frequencies = torch.pow(new Scalar(sizes.theta), torch.arange(new Scalar(half)).to(ScalarType.Float).mul(new Scalar(-1.0 / half)));
      Tensor angles = torch.outer(torch.arange(new Scalar(time)).to(ScalarType.Float), frequencies);
      Tensor both = torch.cat(new TensorVector(angles, angles), -1);
      return new Rotary(low(both.cos()), low(both.sin()));
    }

    Tensor apply(Tensor x) {
      long half = x.size(3) / 2;
      Tensor turned = torch.cat(new TensorVector(x.narrow(3, half, half).neg(), x.narrow(3, 0, half)), -1);
      return x.mul(cosines).add(turned.mul(sines));
    }
  }

  private record Layer(Sizes sizes, Norm norm1, Linear qkv, Linear out, Norm norm2, Linear in, Linear back) {
    static Layer of(Sizes sizes) {
      int keys = sizes.keyHeads * sizes.headWidth();
      boolean biased = !sizes.gated;
      return new Layer(sizes, Norm.of(sizes), Linear.of(sizes.width, sizes.width + 2 * keys, biased),
          Linear.of(sizes.width, sizes.width, biased), Norm.of(sizes),
          Linear.of(sizes.width, sizes.gated ? 2 * sizes.inner : sizes.inner, biased), Linear.of(sizes.inner, sizes.width, biased));
    }

    Tensor apply(Tensor x, Rotary rotary) {
      Tensor attended = x.add(dropped(attention(norm1.apply(x), rotary), sizes.dropout));
      return attended.add(dropped(back.apply(inner(in.apply(norm2.apply(attended)))), sizes.dropout));
    }

    private Tensor attention(Tensor x, Rotary rotary) {
      Tensor y = qkv.apply(x);
      long keys = (long) sizes.keyHeads * sizes.headWidth();
      Tensor q = split(y.narrow(2, 0, sizes.width), sizes.heads);
      Tensor k = split(y.narrow(2, sizes.width, keys), sizes.keyHeads);
      Tensor v = split(y.narrow(2, sizes.width + keys, keys), sizes.keyHeads);
      if (rotary != null) {
        q = rotary.apply(q);
        k = rotary.apply(k);
      }
      if (sizes.heads != sizes.keyHeads) {
        LongOptional all = new LongOptional(1);
        k = repeat_interleave(k, sizes.heads / sizes.keyHeads, all, new LongOptional());
        v = repeat_interleave(v, sizes.heads / sizes.keyHeads, all, new LongOptional());
      }
      Tensor context = scaled_dot_product_attention(q, k, v, new TensorOptional(), 0.0, true, new DoubleOptional(), false);
      return out.apply(context.transpose(1, 2).reshape(x.size(0), x.size(1), sizes.width));
    }

    private Tensor inner(Tensor sums) {
      return sizes.gated ? silu(sums.narrow(2, 0, sizes.inner)).mul(sums.narrow(2, sizes.inner, sizes.inner)) : gelu(sums, "tanh");
    }
  }

  public static void main(String[] args) {
    if (args.length != 6) {
      System.err.println("Usage: run.sh gpt2|llama BATCH LENGTH STEPS THREADS fp32|bf16");
      System.exit(2);
    }
    Sizes sizes = sizes(args[0]);
    int[] numbers = Arrays.stream(args, 1, 5).mapToInt(Integer::parseInt).toArray();
    int batch = numbers[0];
    int time = numbers[1];
    int steps = numbers[2];
    torch.set_num_threads(numbers[3]);
    bf16 = args[5].equals("bf16");
    Tensor table = matrix(sizes.vocabulary, sizes.width);
    Tensor positions = sizes.gated ? null : matrix(1024, sizes.width);
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < sizes.layers; i++) {
      layers.add(Layer.of(sizes));
    }
    Norm last = Norm.of(sizes);
    Rotary rotary = Rotary.of(sizes, time);
    Adam adam = new Adam(new TensorVector(PARAMETERS.toArray(new Tensor[0])), new AdamOptions(1e-4));
    double[] seconds = new double[steps];
    for (int step = 0; step <= steps; step++) {
      Tensor tokens = torch.randint(sizes.vocabulary, new long[] {batch, time + 1L}).to(ScalarType.Long);
      try (PointerScope scope = new PointerScope()) {
        long start = System.nanoTime();
        adam.zero_grad();
        Tensor x = embedding(table, tokens.narrow(1, 0, time).contiguous());
        x = dropped(positions == null ? x : x.add(positions.narrow(0, 0, time)), sizes.dropout);
        for (Layer layer : layers) {
          x = layer.apply(x, rotary);
        }
        Tensor logits = linear(low(last.apply(x)), low(table)).to(ScalarType.Float).view(-1, sizes.vocabulary);
        Tensor loss = cross_entropy_loss(logits, tokens.narrow(1, 1, time).reshape(-1));
        loss.backward();
        long computed = System.nanoTime();
        adam.step();
        double elapsed = (System.nanoTime() - start) / 1e9;
        System.out.printf(Locale.ROOT, "step %d: %.0f ms, of which Adam %.0f, loss %.4f%s%n", step, elapsed * 1e3,
            elapsed * 1e3 - (computed - start) / 1e6, loss.item_float(),
            step == 0 ? " (warming, not counted)" : "");
        if (step > 0) {
          seconds[step - 1] = elapsed;
        }
      }
    }
    Arrays.sort(seconds);
    double parameters = PARAMETERS.stream().mapToLong(Tensor::numel).sum() / 1e6;
    System.out.printf(Locale.ROOT, "pytorch 2.7.1 %s threads=%d | %s batch=%d time=%d parameters=%.1fM | step_ms=%.0f median_step_ms=%.0f "
        + "target_tokens_per_s=%.0f%n", args[5], torch.get_num_threads(), args[0], batch, time, parameters, seconds[0] * 1e3,
        seconds[steps / 2] * 1e3, batch * time / seconds[0]);
  }
}
