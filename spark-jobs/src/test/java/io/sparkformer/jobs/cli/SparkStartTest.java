package io.sparkformer.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.data.InvalidInputException;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.Tuple2;

class SparkStartTest {
  private static final String KRYO = "org.apache.spark.serializer.KryoSerializer";

  @TempDir
  private Path folder;

  /** What tasks of our jobs return. */
  private record Sums(long pairs, List<Long> counts) implements Serializable {}

  @Test
  void recordsTravelWhereTheClusterIsConfiguredForKryo() throws IOException {
    try (SparkSession session = SparkStart.session(conf().set("spark.serializer", KRYO), "test")) {
      JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
      List<Tuple2<Integer, Sums>> sums = spark.parallelize(List.of(1, 2, 3, 4), 2)
          .mapToPair(i -> new Tuple2<>(i % 2, new Sums(i, List.of((long) i))))
          .reduceByKey((a, b) -> new Sums(a.pairs + b.pairs, List.of(a.counts.get(0) + b.counts.get(0))))
          .sortByKey().collect();
      assertThat(sums).containsExactly(new Tuple2<>(0, new Sums(6, List.of(6L))), new Tuple2<>(1, new Sums(4, List.of(4L))));
    }
  }

  @Test
  void anApplicationHasTheNameOfItsJobUnlessSomebodyHasGivenItAnother() throws IOException {
    try (SparkSession session = SparkStart.session(conf().set("spark.app.name", "io.sparkformer.jobs.prepare.PrepareJob"), "prepare")) {
      assertThat(session.sparkContext().appName()).isEqualTo("sparkformer prepare");
    }
    try (SparkSession session = SparkStart.session(conf().set("spark.app.name", "nightly"), "prepare")) {
      assertThat(session.sparkContext().appName()).isEqualTo("nightly");
    }
  }

  @Test
  void aSessionThatIsThereAndSerializesOtherwiseIsRefused() throws IOException {
    SparkConf conf = conf().set("spark.serializer", KRYO);
    try (SparkSession session = SparkSession.builder().config(conf).getOrCreate()) {
      assertThat(session.sparkContext().isStopped()).isFalse();
      assertThatThrownBy(() -> SparkStart.session(conf(), "test")).isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("spark.serializer = " + KRYO).hasMessageContaining("org.apache.spark.serializer.JavaSerializer");
    }
  }

  @Test
  void noFolderForTemporaryFilesIsOneLine() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "not a folder");
    assertThatThrownBy(() -> SparkStart.session(conf().set("spark.local.dir", file + "/tmp," + file), "test"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("Spark has no folder for temporary files: cannot write " + file + "/tmp, " + file
            + "; name another one with --conf spark.local.dir=FOLDER, or with the environment variable SPARK_LOCAL_DIRS if that is set");
    try (SparkSession session = SparkStart.session(conf().set("spark.local.dir", file + "," + folder.resolve("new")), "test")) {
      assertThat(session.range(3).count()).isEqualTo(3);
    }
  }

  @Test
  void executorsNameFilesInTheDriversEncodingUnlessTheyAreToldOtherwise() throws IOException {
    boolean utf8 = "UTF-8".equals(System.getProperty("sun.jnu.encoding"));
    try (SparkSession session = SparkStart.session(conf(), "test")) {
      assertThat(session.conf().get("spark.executorEnv.LC_ALL", "none")).isEqualTo(utf8 ? "C.UTF-8" : "none");
    }
    try (SparkSession session = SparkStart.session(conf().set("spark.executorEnv.LC_ALL", "de_DE.UTF-8"), "test")) {
      assertThat(session.conf().get("spark.executorEnv.LC_ALL")).isEqualTo("de_DE.UTF-8");
    }
  }

  @Test
  void aUserWithoutANameGetsTheOneOfTheEnvironment() {
    assertThat(LoginUser.name(Map.of())).isEqualTo("sparkformer");
    assertThat(LoginUser.name(Map.of("SPARK_USER", "anna"))).isEqualTo("anna");
    assertThat(LoginUser.name(Map.of("SPARK_USER", "anna", "HADOOP_USER_NAME", "hugo"))).isEqualTo("hugo");
  }

  private static SparkConf conf() {
    return new SparkConf(false).setMaster("local[2]").set("spark.ui.enabled", "false");
  }
}
