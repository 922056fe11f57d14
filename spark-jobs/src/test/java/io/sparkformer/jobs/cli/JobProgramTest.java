package io.sparkformer.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.model.architecture.NetworkSettings;
import io.sparkformer.model.architecture.TransformerSettings;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.VoidFunction;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import scala.collection.Iterator;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;

class JobProgramTest {
  private static SparkSession spark;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeAll
  static void startSpark() {
    System.setProperty("spark.master", "local[2]");
    System.setProperty("spark.ui.enabled", "false");
    spark = SparkStart.session("test");
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
    System.clearProperty("spark.master");
    System.clearProperty("spark.ui.enabled");
  }

  @Test
  void jobGetsSettingsFromFlagsAndAssignments() {
    List<Object> seen = new ArrayList<>();
    int status = run(Settings::model, (run, model) -> {
      seen.add(((TransformerSettings) model).heads());
      seen.add(((TransformerSettings) model).dModel());
      seen.add(run.settings().valueOf("translate.overwrite").orElseThrow());
      seen.add(run.has("--resume"));
      seen.add(run.spark().range(5).count());
      run.out().println("Grüße");
    }, "--heads", "4", "-s", "model.d-model=64", "--set", "seed=3", "--overwrite", "--resume");
    assertThat(status).isZero();
    assertThat(seen).containsExactly(4, 64, "true", true, 5L);
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("Grüße\n");
  }

  @Test
  void sessionThatWasThereIsLeftRunning() {
    assertThat(run(Settings::model, (run, model) -> assertThat(run.spark()).isSameAs(spark))).isZero();
    assertThat(spark.sparkContext().isStopped()).isFalse();
  }

  @Test
  void helpListsFlagsWithKeysAndDefaults() {
    assertThat(run(Settings::model, (run, model) -> { }, "--help")).isZero();
    assertThat(out.toString()).startsWith("Usage: toy.sh [SPARK OPTIONS --] [OPTIONS]\nDoes nothing.")
        .contains("--heads=N").contains("attention heads (model.heads, default: 8)")
        .contains("model folder (translate.model, default: none)")
        .containsPattern("accepts, end token included\n {20,}\\(model.max-length, default: 512\\)\n")
        .containsSubsequence("\nSettings:\n  -c, --config=FILE", "\nNetwork:\n", "--heads=N", "\nOutput:\n", "--overwrite",
            "--resume", "\nHelp:\n  -h, --help", "\nExit status:\n", "\nExamples:\n  toy.sh --heads 4").doesNotContain("Options:");
    assertThat(out.toString().lines()).allMatch(line -> line.length() <= 100);
    assertThat(run(Settings::model, (run, model) -> { }, "--version")).isZero();
    assertThat(out.toString()).contains("sparkformer ");
  }

  @Test
  void wrongUsageIsStatusTwo() {
    assertThat(run(Settings::model, (run, model) -> { }, "--over-write")).isEqualTo(2);
    assertThat(errorLine()).isEqualTo(
        "error: Unknown option: '--over-write'; did you mean --overwrite? (toy.sh --help lists the options)");
    assertThat(run(Settings::model, (run, model) -> { }, "--heads")).isEqualTo(2);
    assertThat(errorLine()).startsWith("error: Missing required parameter for option '--heads' (N)");
    assertThat(run(Settings::model, (run, model) -> { }, "file.txt")).isEqualTo(2);
    assertThat(errorLine()).startsWith("error: Unmatched argument at index 0: 'file.txt'");
  }

  @Test
  void wrongSettingIsOneLineInTermsOfTheFlag() {
    assertThat(run(Settings::model, (run, model) -> { }, "--heads", "7")).isEqualTo(1);
    assertThat(errorLine()).isEqualTo(
        "error: Invalid model.heads: 7 (must divide d-model, 512; try 8; --heads 7)");
    assertThat(run(Settings::translate, (run, settings) -> { })).isEqualTo(1);
    assertThat(errorLine()).isEqualTo(
        "error: translate.model is not set; set it in the configuration file, or with --model FOLDER");
    assertThat(run(Settings::model, (run, model) -> { }, "-c", "/no/such.conf")).isEqualTo(1);
    assertThat(errorLine()).startsWith("error: Configuration file /no/such.conf cannot be read");
    assertThat(run(Settings::model, (run, model) -> { }, "-s", "modle.heads=8")).isEqualTo(1);
    assertThat(errorLine()).contains("did you mean model.heads?");
  }

  @Test
  void readableFailuresAreOneLine() {
    assertFailure("shard x is torn; prepare again", run -> {
      throw new InvalidInputException("shard x is torn;\nprepare again", new IllegalStateException("detail"));
    });
    assertFailure("heads=7", run -> {
      throw new IllegalArgumentException("heads=7");
    });
    assertFailure("File x does not exist", run -> {
      throw new RuntimeException(new FileNotFoundException("File x does not exist"));
    });
    assertFailure("Path does not exist: file:/no/such/table", run -> run.spark().read().parquet("/no/such/table").show());
  }

  @Test
  void failureInATaskIsFoundInsideWhatSparkWrapsAroundIt() {
    assertFailure("line 3 of a.txt is not UTF-8", run -> {
      VoidFunction<Integer> fail = each -> {
        throw new InvalidInputException("line 3 of a.txt is not UTF-8");
      };
      JavaSparkContext.fromSparkContext(run.spark().sparkContext()).parallelize(List.of(1, 2), 2).foreach(fail);
    });
  }

  @Test
  void failureInABarrierTaskIsFoundInTheTextThatSparkKeeps() {
    ClassTag<Integer> tag = ClassTag$.MODULE$.apply(Integer.class);
    assertFailure("rank 1, step 7: checkpoint is of another shape", run -> JavaSparkContext
        .fromSparkContext(run.spark().sparkContext()).parallelize(List.of(1, 2), 2).rdd()
        .barrier().mapPartitions(new FailingRank(), false, tag).toJavaRDD().count());
  }

  private static final class FailingRank extends AbstractFunction1<Iterator<Integer>, Iterator<Integer>> implements Serializable {
    private static final long serialVersionUID = 1;

    @Override
    public Iterator<Integer> apply(Iterator<Integer> rows) {
      if (BarrierTaskContext.get().partitionId() == 1) {
        throw new IllegalStateException("rank 1, step 7: checkpoint is of another shape");
      }
      BarrierTaskContext.get().barrier();
      return rows;
    }
  }

  @Test
  void unexpectedFailureNamesItsTypeAndTheLog() {
    int status = run(Settings::model, (run, model) -> {
      throw new RuntimeException("outer", new ArrayIndexOutOfBoundsException("Index 5 out of bounds\nmore"));
    });
    assertThat(status).isEqualTo(1);
    assertThat(errorLine()).startsWith("error: unexpected ArrayIndexOutOfBoundsException: Index 5 out of bounds; see the log");
  }

  @Test
  void missingMemorySaysHowToGiveMore() {
    assertFailure("out of memory (Java heap space); give the driver more with SPARKFORMER_DRIVER_MEMORY=8g, or executors with "
        + "--executor-memory", run -> {
          throw new OutOfMemoryError("Java heap space");
        });
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void fullDiskIsOneLineThoughHadoopThrowsNoException() {
    assertFailure("the disk is full (No space left on device); make room where the output and Spark's temporary files (spark.local.dir, "
        + "/tmp) are, or choose other places", run -> {
          try (OutputStream out = new Path("/dev/full").getFileSystem(new Configuration()).create(new Path("/dev/full"))) {
            out.write(new byte[100_000]);
          }
        });
  }

  @Test
  void anyErrorIsOneLine() {
    assertFailure("unexpected AssertionError: 1 is not 2; see the log", run -> {
      throw new AssertionError("1 is not 2");
    });
    assertFailure("unexpected StackOverflowError; see the log", run -> deeper(0));
  }

  @Test
  void tasksWithoutStackOrMemoryDoNotEndTheProcessWithoutALine() {
    VoidFunction<Integer> overflow = each -> deeper(0);
    assertFailure("unexpected StackOverflowError; see the log", run -> JavaSparkContext.fromSparkContext(run.spark().sparkContext())
        .parallelize(List.of(1, 2), 2).foreach(overflow));
    VoidFunction<Integer> hungry = each -> assertThat(new long[Integer.MAX_VALUE - 8]).isEmpty();
    assertFailure("out of memory (Java heap space); give the driver more with SPARKFORMER_DRIVER_MEMORY=8g, or executors with "
        + "--executor-memory", run -> JavaSparkContext.fromSparkContext(run.spark().sparkContext()).parallelize(List.of(1), 1)
            .foreach(hungry));
  }

  private static int deeper(int depth) {
    return deeper(depth + 1) + 1;
  }

  @Test
  void jobStoppedByASignalExitsWithItsNumber() {
    List<String> told = new ArrayList<>();
    int status = run(Settings::model, (run, model) -> {
      run.stop().onRequest(() -> told.add("told"));
      assertThat(run.stop().isRequested()).isFalse();
      assertThat(run.stop().request(15)).isTrue();
      assertThat(run.stop().request(15)).isFalse();
      assertThat(run.stop().isRequested()).isTrue();
    });
    assertThat(status).isEqualTo(143);
    assertThat(told).containsExactly("told");
  }

  private interface Failing {
    void run(JobRun run) throws Exception;
  }

  private void assertFailure(String message, Failing work) {
    JobProgram.Work<NetworkSettings> failing = (run, model) -> work.run(run);
    assertThat(run(Settings::model, failing)).isEqualTo(1);
    assertThat(errorLine()).isEqualTo("error: " + message);
  }

  private <S> int run(Function<Settings, S> record, JobProgram.Work<S> work, String... args) {
    PrintStream realOut = System.out;
    PrintStream realErr = System.err;
    out.reset();
    err.reset();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    try {
      return JobProgram.named("toy", "Does nothing.")
          .group("Network")
          .flag("--heads", "model.heads", "N", "attention heads")
          .flag("--model", "translate.model", "FOLDER", "model folder")
          .flag("--length", "model.max-length", "TOKENS", "longest sentence that the network accepts, end token included")
          .group("Output")
          .switchFlag("--overwrite", "translate.overwrite", "replace what is there")
          .option("--resume", "go on")
          .example("toy.sh --heads 4")
          .run(args, record, work);
    } finally {
      System.setOut(realOut);
      System.setErr(realErr);
    }
  }

  private String errorLine() {
    List<String> errors = Arrays.stream(err.toString(StandardCharsets.UTF_8).split("\n"))
        .filter(line -> line.startsWith("error: ")).toList();
    assertThat(errors).hasSize(1);
    return errors.get(0);
  }
}
