package io.sparkformer.jobs.finetune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.jobs.LocalSpark;
import io.sparkformer.jobs.config.Assignment;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.embed.PretrainedFolder;
import io.sparkformer.jobs.predict.PredictJob;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.checkpoint.Checkpoint;
import io.sparkformer.model.checkpoint.CheckpointStore;
import io.sparkformer.model.graph.NamedParameter;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.hub.HubFolder;
import io.sparkformer.model.hub.ModelTensors;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs from a small BERT of random weights: a text is warm where it has the word red. */
class FinetuneJobTest {
  private static final List<String> WORDS = List.of("a", "red", "house", "stands", "there", "tree", "old", ".");

  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(3);

  @TempDir
  private static Path folder;

  /** What a run printed, and its exit status. */
  private record Run(int status, String output) {}

  @BeforeAll
  static void write() throws IOException {
    PretrainedFolder.bert(folder.resolve("bert"));
    writeTable("train.csv", 240, 1);
    writeTable("dev.csv", 90, 2);
  }

  /** Columns text, other, label and number; the number is the share of warm words, and every 20th row lacks something. */
  private static void writeTable(String name, int rows, long seed) throws IOException {
    Random random = new Random(seed);
    try (Writer out = Files.newBufferedWriter(folder.resolve(name))) {
      out.append("text,other,label,number\n");
      for (int i = 0; i < rows; i++) {
        List<String> words = random.ints(3 + random.nextInt(5), 0, WORDS.size()).mapToObj(WORDS::get).toList();
        boolean warm = words.contains("red");
        double number = words.stream().filter("red"::equals).count() / (double) words.size();
        out.append(i % 20 == 7 ? "" : String.join(" ", words)).append(',').append(warm ? "red house" : "old tree").append(',')
            .append(i % 20 == 13 ? "" : warm ? "warm" : "cold").append(',').append(Double.toString(number)).append('\n');
      }
    }
  }

  private static Run finetune(String name, String... more) {
    List<String> args = new ArrayList<>(List.of("--model", folder.resolve("bert").toString(), "--output", folder.resolve(name).toString(),
        "--train", folder.resolve("train.csv").toString(), "--validation", folder.resolve("dev.csv").toString(),
        "--learning-rate", "0.01", "-s", "precision=float32"));
    args.addAll(List.of(more));
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (PrintStream lines = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      System.setOut(lines);
      System.setErr(lines);
      int status = FinetuneJob.program().run(args.toArray(String[]::new), FinetuneJob.Plan::of, FinetuneJob::run);
      return new Run(status, printed.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  private static String succeeds(Run run) {
    assertThat(run.status()).as(run.output()).isZero();
    return run.output();
  }

  private static Checkpoint newest(String name) throws IOException {
    return new CheckpointStore(new Configuration(), new org.apache.hadoop.fs.Path(folder.resolve(name).toString()))
        .latest(warning -> { }).orElseThrow();
  }

  private static float[] parameters(String name) throws IOException {
    Checkpoint newest = newest(name);
    ModelConfig config = ModelConfig.parse(newest.config().toString());
    TransformerModel model = TransformerModel.create(config.network(), new Nd4jKernels());
    ModelTensors tensors = ModelTensors.of(config, model);
    newest.readModel(tensors.all(), tensors.naming());
    return model.parameters().toFloatVector();
  }

  private static String predict(String model, String... assignments) throws IOException {
    return predict(new StringWriter(), model, assignments);
  }

  private static String predict(StringWriter printed, String model, String... assignments) throws IOException {
    List<Assignment> all = new ArrayList<>(List.of(Assignment.parse("predict.model=" + folder.resolve(model)),
        Assignment.parse("precision=float32")));
    Stream.of(assignments).map(Assignment::parse).forEach(all::add);
    return new PredictJob(SPARK.session(), Settings.load(Optional.empty(), all, new Configuration()).predict())
        .predict(new PrintWriter(printed, true));
  }

  private static List<String> table(String name) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(name))) {
      return Files.readAllLines(files.filter(file -> file.getFileName().toString().startsWith("part-")).findFirst().orElseThrow());
    }
  }

  @Test
  void learnsTheClassesOfATableAndLabelsAnother() throws IOException {
    String output = succeeds(finetune("classes", "--epochs", "8", "--workers", "1"));
    assertThat(output).contains("train.csv: 216 of 240 rows (dropped: no-text 12, no-label 12)", "classes: cold, warm",
        "begun from " + folder.resolve("bert") + ", but for bert.pooler.dense.weight, bert.pooler.dense.bias, classifier.weight, "
            + "classifier.bias", "batches of 32 texts, 56 steps", "trained 56 steps, 1,728 texts");
    JsonNode config = newest("classes").config();
    assertThat(config.path("architectures").get(0).asText()).isEqualTo("BertForSequenceClassification");
    assertThat(config.path("id2label")).isEqualTo(new ObjectMapper().readTree("{\"0\": \"cold\", \"1\": \"warm\"}"));
    assertThat(config.path("label2id")).isEqualTo(new ObjectMapper().readTree("{\"cold\": 0, \"warm\": 1}"));
    assertThat(config.path("problem_type").asText()).isEqualTo("single_label_classification");
    assertThat(Files.readString(folder.resolve("classes/report.html"))).contains("216");

    String summary = predict("classes", "predict.input=" + folder.resolve("dev.csv"), "predict.output=" + folder.resolve("labelled"));
    assertThat(summary).startsWith("labelled 90 texts (5 of them blank: null) in ");
    List<String> rows = table("labelled");
    List<String> before = Files.readAllLines(folder.resolve("dev.csv"));
    assertThat(rows.get(0)).isEqualTo("text,other,label,number,prediction,probabilities");
    int right = 0;
    for (int i = 1; i < rows.size(); i++) {
      assertThat(rows.get(i)).startsWith(before.get(i) + ",");
      String[] added = rows.get(i).substring(before.get(i).length() + 1).split(",", 2);
      if (before.get(i).startsWith(",")) {
        assertThat(added).containsExactly("", "");
        continue;
      }
      JsonNode probabilities = new ObjectMapper().readTree(added[1].replace("\"", ""));
      assertThat(probabilities.get(0).asDouble() + probabilities.get(1).asDouble()).isCloseTo(1, within(1e-6));
      assertThat(added[0]).isEqualTo(probabilities.get(1).asDouble() > 0.5 ? "warm" : "cold");
      right += added[0].equals(before.get(i).contains("red house") ? "warm" : "cold") ? 1 : 0;
    }
    assertThat(right).isGreaterThanOrEqualTo(83);

    StringWriter lines = new StringWriter();
    Files.writeString(folder.resolve("lines"), "a red house\n\nold tree .\n");
    predict(lines, "classes", "predict.input=" + folder.resolve("lines"));
    List<JsonNode> json = new ArrayList<>();
    for (String line : lines.toString().lines().toList()) {
      json.add(new ObjectMapper().readTree(line));
    }
    assertThat(json.stream().map(line -> line.path("text").asText() + "=" + line.path("prediction").asText()))
        .containsExactly("a red house=warm", "=null", "old tree .=cold");
    assertThat(json.get(1).get("probabilities").isNull()).isTrue();
  }

  @Test
  void oneWorkerAndThreeAndAResumedRunEndWithTheSameParameters() throws IOException {
    succeeds(finetune("one", "--epochs", "2", "--workers", "1"));
    succeeds(finetune("three", "--epochs", "2", "--workers", "3"));
    succeeds(finetune("halves", "--epochs", "2", "--workers", "1", "-s", "train.checkpoint.interval-steps=5", "-s", "train.max-time=1ms"));
    assertThat(succeeds(finetune("halves", "--epochs", "2", "--workers", "1", "--resume"))).contains("resuming at step 1");
    float[] one = parameters("one");
    float[] three = parameters("three");
    assertThat(parameters("halves")).isEqualTo(one);
    for (int i = 0; i < one.length; i++) {
      assertThat(three[i]).isCloseTo(one[i], within(3e-5f));
    }
    assertThat(finetune("one").output()).contains("Output exists already");
  }

  @Test
  void whatIsFrozenKeepsItsBits() throws IOException {
    String[] biases = {"--epochs", "2", "-s", "train.trainable=classifier.*,*.bias", "-s", "train.frozen=*embeddings*"};
    assertThat(succeeds(finetune("biases", with(biases, "--workers", "1")))).contains("trained: 338 of 5,218 parameters (6.48 %)");
    succeeds(finetune("biases-of-three", with(biases, "--workers", "3")));
    String[] stopped = with(biases, "--workers", "1", "-s", "train.checkpoint.interval-steps=5", "-s", "train.max-time=1ms");
    succeeds(finetune("biases-halves", stopped));
    assertThat(finetune("biases-halves", "--epochs", "2", "--workers", "1", "--resume").output()).contains("train.trainable");
    succeeds(finetune("biases-halves", with(biases, "--workers", "1", "--resume")));
    float[] one = parameters("biases");
    float[] three = parameters("biases-of-three");
    assertThat(parameters("biases-halves")).isEqualTo(one);
    ModelConfig encoder = ModelConfig.parse(Files.readString(folder.resolve("bert/config.json")));
    TransformerModel bert = TransformerModel.create(encoder.network(), new Nd4jKernels());
    HubFolder.open(new Configuration(), new org.apache.hadoop.fs.Path(folder.resolve("bert").toString())).readInto(bert);
    Map<String, float[]> begun = matrices(bert, bert.parameters().toFloatVector());
    TransformerModel classifier = TransformerModel.create(ModelConfig.parse(newest("biases").config().toString()).network(),
        new Nd4jKernels());
    Map<String, float[]> ended = matrices(classifier, one);
    begun.keySet().retainAll(ended.keySet());
    assertThat(begun).hasSizeGreaterThan(8);
    begun.forEach((name, values) -> assertThat(ended.get(name)).as(name).isEqualTo(values));
    for (int i = 0; i < one.length; i++) {
      assertThat(three[i]).isCloseTo(one[i], within(3e-5f));
    }

    String[] averaging = with(biases, "--workers", "1", "-s", "train.ema.decay=0.5");
    succeeds(finetune("averaged", averaging));
    succeeds(finetune("averaged-halves", with(averaging, "-s", "train.checkpoint.interval-steps=5", "-s", "train.max-time=1ms")));
    succeeds(finetune("averaged-halves", with(averaging, "--resume")));
    float[] averaged = parameters("averaged");
    assertThat(parameters("averaged-halves")).isEqualTo(averaged).isNotEqualTo(one);
    Map<String, float[]> ofAverage = matrices(classifier, averaged);
    begun.forEach((name, values) -> assertThat(ofAverage.get(name)).as(name).isEqualTo(values));
  }

  private static Map<String, float[]> matrices(TransformerModel model, float[] flat) {
    Map<String, float[]> matrices = new TreeMap<>();
    for (NamedParameter parameter : model.namedParameters()) {
      if (parameter.shape().length > 1) {
        int from = (int) parameter.offset();
        matrices.put(parameter.name(), Arrays.copyOfRange(flat, from, from + (int) parameter.length()));
      }
    }
    return matrices;
  }

  private static String[] with(String[] some, String... more) {
    return Stream.concat(Stream.of(some), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void goesOnWithTheClassifierOfTheSameClassesAndBeginsOneForOthers() throws IOException {
    succeeds(finetune("first", "--epochs", "1"));
    assertThat(succeeds(finetune("again", "--epochs", "1", "--model", folder.resolve("first").toString())))
        .contains("begun from " + folder.resolve("first") + "\n");
    assertThat(succeeds(finetune("others", "--epochs", "1", "--model", folder.resolve("first").toString(), "-s",
        "finetune.labels=cold,warm,hot"))).contains("but for classifier.weight, classifier.bias\n",
        "classes: cold, warm, hot");
  }

  @Test
  void learnsValuesOfPairs() throws IOException {
    String output = succeeds(finetune("values", "--epochs", "12", "--task", "regression", "--label-column", "number", "--second-column",
        "other", "--workers", "2"));
    assertThat(output).contains("labels: values").doesNotContain("accuracy", "ppl");
    assertThat(newest("values").config().path("problem_type").asText()).isEqualTo("regression");
    predict("values", "predict.input=" + folder.resolve("dev.csv"), "predict.output=" + folder.resolve("numbers"),
        "predict.second-column=other");
    List<String> rows = table("numbers");
    assertThat(rows.get(0)).isEqualTo("text,other,label,number,prediction");
    double squares = 0;
    double around = 0;
    for (String row : rows.subList(1, rows.size())) {
      String[] fields = row.split(",", -1);
      if (!fields[0].isEmpty()) {
        squares += Math.pow(Double.parseDouble(fields[4]) - Double.parseDouble(fields[3]), 2);
        around += Math.pow(Double.parseDouble(fields[3]) - 0.12, 2);
      }
    }
    assertThat(squares).isLessThan(0.3 * around);
  }

  @Test
  void whatCannotBeLearntIsNamed() throws IOException {
    assertThat(finetune("bad", "--label-column", "none").output()).contains("no column none in ");
    assertThat(finetune("bad", "--task", "regression").output())
        .contains("column label of ", "train.csv holds labels that are no numbers: ");
    assertThat(finetune("bad", "-s", "finetune.labels=warm,mild").output())
        .contains("holds labels that are no classes of the training table or of finetune.labels: cold; the classes are warm, mild");
    assertThat(finetune("bad", "-s", "finetune.format=parquet").output()).contains("is not a Parquet file");
    assertThat(finetune("bad", "--train", folder.resolve("bert").toString()).output())
        .contains("finetune.train is ", "whose name does not end like that of a table", "set finetune.format");
    assertThat(finetune("bad", "--batch", "0").output())
        .contains("Invalid train.epochs: 3 (must be 0 where train.batch-examples is");
    assertThat(folder.resolve("bad/data")).doesNotExist();
  }
}
