package io.sparkformer.jobs.explain;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.corpus.LineCounts;
import io.sparkformer.data.corpus.TextFile;
import io.sparkformer.jobs.cli.JobProgram;
import io.sparkformer.jobs.config.ExplainSettings;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.model.ModelLocation;
import io.sparkformer.jobs.output.Existing;
import io.sparkformer.jobs.output.OutputKind;
import io.sparkformer.jobs.output.OutputTarget;
import io.sparkformer.jobs.output.StagedOutput;
import io.sparkformer.jobs.page.ExplanationPage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/** The program that explain.sh starts: shows what a model attends to, and which tokens its predictions rest on, as one page. */
public final class ExplainJob {
  private static final Logger LOG = LoggerFactory.getLogger(ExplainJob.class);

  private final JavaSparkContext spark;
  private final ExplainSettings settings;

  ExplainJob(JavaSparkContext spark, ExplainSettings settings) {
    this.spark = spark;
    this.settings = settings;
  }

  /** The program. */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  /** The program, but for the end of the process: gives the exit status. */
  static int run(String[] args) {
    return JobProgram.named("explain", "Shows what a model attends to and which tokens its predictions rest on, as one HTML page.")
        .group("Model")
        .flag("--model", "explain.model", "FOLDER", "a model folder of any family, a training output or a checkpoint")
        .group("Input and output")
        .flag("--input", "explain.input", "FILE", "text, a sentence a line; - is standard input")
        .flag("--target", "explain.target", "FILE", "what the model is taken to say of each line; default: what it says")
        .flag("--output", "explain.output", "FILE", "the page to write")
        .switchFlag("--overwrite", "explain.overwrite", "replace a page that is there")
        .flag("--prefix", "explain.prefix", "TEXT", "what stands before every line (T5)")
        .group("Limits")
        .flag("--max-lines", "explain.max-lines", "N", "lines behind these are left out")
        .flag("--max-tokens", "explain.max-tokens", "N", "longest line and longest target, in tokens")
        .flag("--max-new-tokens", "explain.max-new-tokens", "N", "most tokens that the model says itself of a line")
        .example("explain.sh --model out/run --input sentences.en --output attention.html")
        .example("explain.sh --model out/run --input sentences.en --target sentences.de --output attention.html")
        .run(args, Settings::explain,
            (run, settings) -> new ExplainJob(new JavaSparkContext(run.spark().sparkContext()), settings).explain());
  }

  /**
   * Makes the page.
   *
   * @throws InvalidInputException input or target is missing, too long or without text, or the page exists
   */
  void explain() throws IOException {
    Configuration hadoop = spark.hadoopConfiguration();
    ModelLocation model = ModelLocation.find(hadoop, settings.model());
    List<Path> inputs = new ArrayList<>(settings.page().inputs());
    inputs.addAll(model.files());
    Path file = settings.page().path();
    OutputTarget target = new OutputTarget(file, OutputKind.TEXT, Existing.of(settings.page().overwrite()), inputs);
    try (StagedOutput output = new StagedOutput(hadoop, target); LineExplainer explainer = new LineExplainer(model, settings)) {
      ExplanationPage page = page(explainer);
      byte[] bytes = page.html().getBytes(StandardCharsets.UTF_8);
      try (OutputStream out = output.path().getFileSystem(hadoop).create(output.path(), false)) {
        out.write(bytes);
      }
      output.commit();
      LOG.info(String.format(Locale.ROOT, "explained %d line(s): %s (%,d kB)", page.lines(), file, (bytes.length + 999) / 1000));
    }
  }

  private ExplanationPage page(LineExplainer explainer) {
    List<String> lines = lines(settings.input());
    List<String> targets = targets(explainer, lines.size());
    ExplanationPage page = new ExplanationPage(settings.model().path().toString(), settings.maxPageMegabytes() * 1_000_000L);
    for (int i = 0; i < lines.size(); i++) {
      Optional<ExplainedLine> explained = explainer.explain(i + 1L, lines.get(i), targets.isEmpty() ? Optional.empty()
          : Optional.of(targets.get(i)));
      if (explained.isPresent() && !page.add(explained.get())) {
        if (page.lines() == 0) {
          throw new InvalidInputException("line %d of %s alone needs a larger page than explain.max-page-megabytes = %d; raise it, or "
              .formatted(i + 1, name(settings.input()), settings.maxPageMegabytes()) + "shorten the line");
        }
        LOG.warn("the page is full: lines from {} on are left out (explain.max-page-megabytes = {})", i + 1, settings.maxPageMegabytes());
        break;
      }
    }
    if (page.lines() == 0) {
      throw new InvalidInputException(name(settings.input()) + " has no line with text: nothing can be explained");
    }
    return page;
  }

  private List<String> targets(LineExplainer explainer, int lines) {
    if (settings.target().isEmpty()) {
      return List.of();
    }
    Path file = settings.target().get();
    if (!explainer.speaks()) {
      throw new InvalidInputException("explain.target is set, but the model says no text; leave it out");
    }
    List<String> targets = lines(file);
    if (targets.size() != lines) {
      throw new InvalidInputException("%s has %d lines, and its target %s has %d (of the first %d); they must be as many"
          .formatted(name(settings.input()), lines, name(file), targets.size(), settings.maxLines()));
    }
    return targets;
  }

  /** The first lines of a file, as many as are explained. */
  private List<String> lines(Path file) {
    TextFile text = TextFile.open(spark, file);
    spark.sc().setJobDescription("explain: reading " + text);
    LineCounts counts = text.count();
    if (counts.total() > settings.maxLines()) {
      LOG.warn(String.format(Locale.ROOT, "%s: the first %d of %,d lines are explained (explain.max-lines)", name(file),
          settings.maxLines(), counts.total()));
    }
    return text.numberedLines(counts).take(settings.maxLines()).stream().map(Tuple2::_2).toList();
  }

  private static String name(Path file) {
    return file.toString().equals("-") ? "standard input" : file.toString();
  }
}
