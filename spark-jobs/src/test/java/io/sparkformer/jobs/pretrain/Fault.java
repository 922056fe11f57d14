package io.sparkformer.jobs.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.Path;

/** What can happen to a run, or before it: its driver is told nothing of it. */
enum Fault {
  CHECKPOINT_TRUNCATED {
    @Override
    void strike(Scene scene) throws IOException {
      scene.damage(bytes -> Arrays.copyOf(bytes, scene.random.nextInt(bytes.length)));
    }
  },
  CHECKPOINT_BIT_FLIPPED {
    @Override
    void strike(Scene scene) throws IOException {
      scene.damage(bytes -> {
        bytes[scene.random.nextInt(bytes.length)] ^= (byte) (1 << scene.random.nextInt(8));
        return bytes;
      });
    }
  },
  CHECKPOINT_FILE_MISSING {
    @Override
    void strike(Scene scene) throws IOException {
      scene.damage(bytes -> null);
    }
  },
  EXECUTOR_TERMINATED {
    @Override
    void strike(Scene scene) throws IOException {
      // On a busy machine the others may take it for lost before it has answered.
      scene.disturb(List.of("an executor was asked to leave: ", Scene.LOST), () -> scene.run.step() >= scene.moment, "-TERM");
    }
  },
  EXECUTOR_KILLED {
    @Override
    void strike(Scene scene) throws IOException {
      scene.disturb(List.of(Scene.LOST), () -> scene.run.step() >= scene.moment, "-KILL");
    }
  },
  EXECUTOR_STOPPED {
    @Override
    void strike(Scene scene) throws IOException {
      ProcessHandle stopped = scene.disturb(List.of(Scene.LOST), () -> scene.run.step() >= scene.moment, "-STOP");
      // Nothing but the cluster itself ends it.
      stopped.onExit().orTimeout(Scene.PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    }
  },
  KILLED_WHILE_SAVING {
    @Override
    void strike(Scene scene) throws IOException {
      scene.disturb(List.of(Scene.LOST), () -> scene.run.step() >= scene.moment && scene.isSaving(), "-KILL");
    }
  };

  abstract void strike(Scene scene) throws IOException;

  @FunctionalInterface
  interface Damage {
    /** The file's new content; null: none. */
    byte[] to(byte[] bytes);
  }

  /** One run of {@link #STEPS} steps, and the random moment at which something happens to it. */
  static final class Scene {
    static final int STEPS = 40;
    static final int INTERVAL = 6;
    static final long PATIENCE_SECONDS = 300;
    private static final String LOST = "a worker was lost: ";

    final Random random;
    int moment;
    private final ClusterDriver driver;
    private final Path output;
    private TrainingRun run;
    /** The run must say one of these. */
    private List<String> traces;

    Scene(ClusterDriver driver, Path output, Random random) {
      this.driver = driver;
      this.output = output;
      this.random = random;
      this.moment = 1 + random.nextInt(STEPS - 2 * INTERVAL);
    }

    static TrainingRun begin(ClusterDriver driver, Path output, String... assignments) {
      List<String> all = new ArrayList<>(List.of("train.workers=2", "train.max-steps=" + STEPS,
          "train.checkpoint.interval-steps=" + INTERVAL, "parameter-server.deadline=4s", "train.start-timeout=90s"));
      all.addAll(List.of(assignments));
      return TrainingRun.begin(driver.data(), output, all.toArray(String[]::new));
    }

    /**
     * Stops an executor at a moment of the run, which then stands still, since its workers train in step; if that came in time, it gets the
     * signal. If the run had ended meanwhile, another one is disturbed earlier.
     */
    private ProcessHandle disturb(List<String> expected, BooleanSupplier now, String signal) throws IOException {
      traces = expected;
      while (true) {
        run = begin(driver, output);
        until(() -> run.isDone() || now.getAsBoolean());
        LockSupport.parkNanos(random.nextInt((int) Duration.ofMillis(40).toNanos()));
        List<ProcessHandle> executors = driver.cluster().executors();
        ProcessHandle executor = executors.get(random.nextInt(executors.size()));
        kill("-STOP", executor);
        if (!run.isDone() && run.step() < STEPS - 1) {
          kill(signal, executor);
          if (signal.equals("-TERM")) {
            // It can do what it is asked only when it runs.
            kill("-CONT", executor);
          }
          return executor;
        }
        kill("-CONT", executor);
        assertThat(run.await(PATIENCE_SECONDS)).as(run.output()).isZero();
        fileSystem().delete(output, true);
        moment = Math.max(1, moment / 2);
      }
    }

    private static void kill(String signal, ProcessHandle process) throws IOException {
      LocalCluster.run(List.of("kill", signal, Long.toString(process.pid())), Map.of());
    }

    private boolean isSaving() {
      try {
        for (FileStatus each : fileSystem().listStatus(new Path(output, "checkpoints"))) {
          if (each.getPath().getName().startsWith(".unfinished-")) {
            return true;
          }
        }
        return false;
      } catch (IOException e) {
        return false; // there is none yet
      }
    }

    private static void until(BooleanSupplier condition) {
      long end = System.nanoTime() + Duration.ofSeconds(PATIENCE_SECONDS).toNanos();
      while (!condition.getAsBoolean() && System.nanoTime() < end) {
        LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
      }
    }

    /** Goes on with a copy of half a run, in whose newest checkpoint one file has changed. */
    private void damage(Damage damage) throws IOException {
      FileUtil.copy(fileSystem(), driver.folder("half"), fileSystem(), output, false, driver.hadoop());
      FileStatus[] checkpoints = fileSystem().listStatus(new Path(output, "checkpoints"));
      Arrays.sort(checkpoints);
      FileStatus[] files = fileSystem().listStatus(checkpoints[checkpoints.length - 1].getPath());
      Path file = files[random.nextInt(files.length)].getPath();
      byte[] bytes;
      try (InputStream in = fileSystem().open(file)) {
        bytes = in.readAllBytes();
      }
      byte[] damaged = damage.to(bytes);
      fileSystem().delete(file, false);
      if (damaged != null) {
        try (OutputStream out = fileSystem().create(file)) {
          out.write(damaged);
        }
      }
      traces = List.of("Damaged checkpoint: " + file);
      run = begin(driver, output, Pretraining.RESUME);
    }

    /** Whether what happened did hit the run; otherwise it came too late and says nothing. */
    boolean wasHit() {
      assertThat(run.await(PATIENCE_SECONDS)).as(run.output()).isZero();
      return traces.stream().anyMatch(run.output()::contains);
    }

    /** How often the run lost a worker. */
    long losses() {
      return run.output().lines().filter(line -> line.startsWith(LOST)).count();
    }

    private FileSystem fileSystem() throws IOException {
      return output.getFileSystem(driver.hadoop());
    }
  }
}
