package io.sparkformer.jobs.pretrain;

import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.pretrain.plan.TrainingState;
import io.sparkformer.jobs.pretrain.report.RunMonitor;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.checkpoint.Checkpoint;
import io.sparkformer.model.checkpoint.CheckpointStore;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.hub.ModelTensors;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** A run of the pretrain program in this process, which is the driver, on a thread of its own; one at a time. */
final class TrainingRun {
  private static final List<String> TINY_NETWORK = List.of("model.d-model=16", "model.heads=2", "model.ffn=32", "model.encoder-layers=1",
      "model.decoder-layers=1", "model.dropout=0.1");
  private static final List<String> TINY = List.of("train.batch-tokens=64", "train.shuffle-window=64", "train.max-epochs=100",
      "train.validation.interval-steps=0", "train.validation.bleu-sentences=0", "train.learning-rate.warmup-steps=50",
      "train.report-interval=1ms", "precision=float32");

  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private final FutureTask<Integer> status;

  private TrainingRun(String[] args) {
    status = new FutureTask<>(() -> {
      PrintStream out = System.out;
      PrintStream err = System.err;
      try (PrintStream lines = new PrintStream(output, true, StandardCharsets.UTF_8)) {
        System.setOut(lines);
        System.setErr(lines);
        return PretrainJob.program().run(args, Settings::train, (run, record) -> new Pretraining(run, record).train());
      } finally {
        System.setOut(out);
        System.setErr(err);
      }
    });
  }

  /** The arguments of a tiny run; an assignment {@code --resume} stands for the option. */
  static List<String> arguments(Path data, Path to, String... assignments) {
    return arguments(data, to, TINY_NETWORK, assignments);
  }

  private static List<String> arguments(Path data, Path to, List<String> network, String... assignments) {
    List<String> args = new ArrayList<>(List.of("--data", data.toString(), "--output", to.toString()));
    List<String> settings = new ArrayList<>(network);
    settings.addAll(TINY);
    settings.addAll(List.of(assignments));
    if (settings.remove(Pretraining.RESUME)) {
      args.add(Pretraining.RESUME);
    }
    settings.forEach(setting -> args.addAll(List.of("-s", setting)));
    return args;
  }

  static TrainingRun begin(Path data, Path to, String... assignments) {
    return begin(arguments(data, to, assignments));
  }

  /** A run whose assignments name the network. */
  static TrainingRun beginText(Path data, Path to, String... assignments) {
    return begin(arguments(data, to, List.of(), assignments));
  }

  private static TrainingRun begin(List<String> arguments) {
    TrainingRun run = new TrainingRun(arguments.toArray(String[]::new));
    new Thread(run.status, "training-run").start();
    return run;
  }

  /** Everything printed so far. */
  String output() {
    return output.toString(StandardCharsets.UTF_8);
  }

  /** The last step reported so far; 0 before the first. */
  long step() {
    RunMonitor monitor = RunMonitor.current();
    return monitor == null ? 0 : monitor.step();
  }

  boolean isDone() {
    return status.isDone();
  }

  /** The exit status; fails when the run has not ended by then. */
  int await(long seconds) {
    try {
      return status.get(seconds, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("The run hangs; it has printed:\n" + output(), e);
    } catch (ExecutionException | InterruptedException e) {
      throw new AssertionError("The run broke; it has printed:\n" + output(), e);
    }
  }

  /** The flat parameters of the newest checkpoint. */
  static float[] parameters(Configuration hadoop, Path output) throws IOException {
    Checkpoint newest = newest(hadoop, output);
    ModelConfig config = ModelConfig.parse(newest.config().toString());
    TransformerModel model = TransformerModel.create(config.network(), new Nd4jKernels());
    ModelTensors tensors = ModelTensors.of(config, model);
    newest.readModel(tensors.all(), tensors.naming());
    return model.parameters().toFloatVector();
  }

  /** Where the newest checkpoint stands: its step, its place in the data, the tokens seen. */
  static TrainingState state(Configuration hadoop, Path output) throws IOException {
    return TrainingState.fromJson(newest(hadoop, output).trainingState());
  }

  private static Checkpoint newest(Configuration hadoop, Path output) throws IOException {
    return new CheckpointStore(hadoop, output).latest(warning -> { }).orElseThrow();
  }
}
