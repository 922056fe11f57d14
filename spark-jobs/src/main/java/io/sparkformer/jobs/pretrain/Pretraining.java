package io.sparkformer.jobs.pretrain;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.shard.DataPart;
import io.sparkformer.data.shard.ExampleKind;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.data.shard.ShardSet;
import io.sparkformer.jobs.card.ModelCard;
import io.sparkformer.jobs.cli.JobRun;
import io.sparkformer.jobs.config.ComputeSettings;
import io.sparkformer.jobs.config.TrainSettings;
import io.sparkformer.jobs.device.GpuResources;
import io.sparkformer.jobs.lineage.Lineage;
import io.sparkformer.jobs.lineage.LineageInputs;
import io.sparkformer.jobs.notify.Notifier;
import io.sparkformer.jobs.output.OutputFolder;
import io.sparkformer.jobs.page.ReportPage;
import io.sparkformer.jobs.pretrain.objective.Objectives;
import io.sparkformer.jobs.pretrain.objective.TrainingObjective;
import io.sparkformer.jobs.pretrain.plan.PlannedModel;
import io.sparkformer.jobs.pretrain.plan.TrainingPlan;
import io.sparkformer.jobs.pretrain.plan.TrainingState;
import io.sparkformer.jobs.pretrain.report.Curves;
import io.sparkformer.jobs.pretrain.report.MetricsLog;
import io.sparkformer.jobs.pretrain.report.ReportPlugin;
import io.sparkformer.jobs.pretrain.report.RunEvent;
import io.sparkformer.jobs.pretrain.report.RunMonitor;
import io.sparkformer.jobs.pretrain.resources.MemoryLimit;
import io.sparkformer.jobs.pretrain.resources.MemoryPlan;
import io.sparkformer.jobs.pretrain.resources.TaskSlots;
import io.sparkformer.jobs.pretrain.worker.WorkerStart;
import io.sparkformer.jobs.trace.ChromeTrace;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.checkpoint.Checkpoint;
import io.sparkformer.model.checkpoint.CheckpointStore;
import io.sparkformer.model.config.NetworkConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The driver of a training run, from scratch or from a model folder: checks all that can be checked before any work, starts the workers and
 * listens to them.
 */
public final class Pretraining {
  private static final Logger LOG = LoggerFactory.getLogger(Pretraining.class);
  /** The option of a job with which a run goes on. */
  public static final String RESUME = "--resume";
  private static final Set<String> OWN_FOLDERS = Set.of(CheckpointStore.FOLDER, MetricsLog.FOLDER, ChromeTrace.FOLDER,
      Curves.FOLDER);

  /** With the file that Hadoop writes beside it on local disks. */
  private static final Set<String> OWN_FILES = Set.of(ReportPage.FILE, "." + ReportPage.FILE + ".crc");

  private final JobRun run;
  private final ShardManifest data;
  private final TrainSettings settings;
  private final JavaSparkContext spark;
  private final Configuration hadoop;
  private final LongSupplier nanoClock;

  /** @throws InvalidInputException when {@code train.data} is no prepared folder */
  public Pretraining(JobRun run, TrainSettings settings) {
    this(run, settings, System::nanoTime);
  }

  /** @param nanoClock measures the time since the beginning, restarts included, for {@code train.max-time} */
  Pretraining(JobRun run, TrainSettings settings, LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.run = run;
    this.spark = JavaSparkContext.fromSparkContext(run.spark().sparkContext());
    this.hadoop = spark.hadoopConfiguration();
    this.data = ShardManifest.read(hadoop, settings.data());
    this.settings = settings.forData(data.train().examples(), longest(data));
  }

  private static int longest(ShardManifest data) {
    return Math.max(data.train().longest(data.kind()), data.validation().longest(data.kind()));
  }

  /** Trains to the end. */
  public void train() throws IOException {
    Optional<Checkpoint> resumed = resumed();
    PlannedModel planned = new StartingModel(hadoop, run.settings(), settings, data).plan(resumed);
    ModelConfig config = ModelConfig.parse(planned.config());
    NetworkConfig model = config.network();
    TrainingObjective objective = Objectives.of(settings.objective(), data, model, planned);
    checkData(model);
    WorkerStart.updateSettings(settings, model);
    run.settings().card();
    if (resumed.isPresent()) {
      checkResumed(resumed.get(), config);
    }
    run.settings().report();
    GpuResources.require(spark.sc(), settings.compute());
    OutputFolder.requireWritable(hadoop, settings.output());
    requirePlugin();
    try (Notifier notifier = new Notifier(run.settings().notifications(), settings.output().toString());
        RunMonitor monitor = RunMonitor.open(run.out(), notifier::tell);
        TaskSlots slots = new TaskSlots(spark.sc(), settings.startTimeout(), monitor::say)) {
      int workers = slots.awaitWorkers(settings.workers());
      int threads = threads(slots.count(), workers);
      TrainSettings placed = settings.at(absolute(settings.data()), absolute(settings.output()));
      if (data.kind() != ExampleKind.SENTENCE_PAIRS) {
        placed = placed.withoutTranslations();
      }
      TrainingPlan plan = new TrainingPlan(Supervision.newRunId(), 0, planned,
          validates() ? placed : placed.withoutValidation(), objective, workers, threads, data.fingerprint(),
          run.settings().withoutSecrets().render(), lineage(planned, workers, threads, resumed),
          ModelCard.of(run.settings(), settings.output().getName(), config, data, workers, threads),
          resumed.isPresent() ? TrainingPlan.Start.NEWEST_CHECKPOINT : TrainingPlan.Start.BEGINNING, Duration.ZERO);
      LOG.debug("lineage: {}", plan.lineage().toJson());
      announce(monitor, model, plan);
      if (!validates()) {
        announceNoValidation(monitor);
      }
      checkMemory(model, plan, slots.largestShare(workers));
      run.stop().listen("finishing the step and saving a checkpoint");
      run.stop().onRequest(monitor::requestStop);
      // Workers that wait for one that is lost are interrupted: their slots are needed at once.
      spark.setJobGroup("pretrain " + plan.runId(), "pretrain " + settings.output(), true);
      try {
        conclude(monitor, objective, new Supervision(spark, slots, monitor, hadoop, nanoClock).train(plan));
      } catch (IOException | RuntimeException e) {
        monitor.tell(RunEvent.Kind.FAILED, String.valueOf(e.getMessage()));
        throw e;
      } finally {
        report(monitor);
      }
    }
  }

  /** Executors report, and say why they fail, through the plugin. */
  private void requirePlugin() {
    String plugins = spark.getConf().get("spark.plugins", "");
    if (!spark.isLocal() && !List.of(plugins.split("\\s*,\\s*")).contains(ReportPlugin.class.getName())) {
      throw new InvalidInputException("The workers cannot reach the driver: spark.plugins is \"" + plugins + "\"; start with --conf "
          + "spark.plugins=" + ReportPlugin.class.getName() + ", beside others if there are any");
    }
  }

  /** A path that is the same in the executors, which run in folders of their own. */
  private Path absolute(Path path) throws IOException {
    return path.getFileSystem(hadoop).makeQualified(path);
  }

  private void conclude(RunMonitor monitor, TrainingObjective objective, TrainingState end) throws IOException {
    CheckpointStore store = new CheckpointStore(hadoop, settings.output());
    String best = store.bestStep().isPresent() && end.bestNll() != null
        ? String.format(Locale.ROOT, "; best validation loss %.4f at step %,d", end.bestNll(), store.bestStep().getAsLong())
        : "";
    monitor.say(String.format(Locale.ROOT, "trained %,d steps, %,d %s%s", end.step(), end.trainedTargetTokens(),
        objective.measure().counted(), best));
    monitor.say("model: " + settings.output());
    monitor.tell(RunEvent.Kind.FINISHED, String.format(Locale.ROOT, "trained %,d steps%s", end.step(), best));
  }

  /** The page about the run, however it ended. A model without it is a model all the same. */
  private void report(RunMonitor monitor) {
    try {
      ReportPage.write(hadoop, settings.output());
    } catch (IOException | RuntimeException e) {
      LOG.debug("No report", e);
      monitor.say("warning: " + new Path(settings.output(), ReportPage.FILE) + " was not written: " + e.getMessage());
    }
  }

  private void checkData(NetworkConfig model) {
    for (DataPart part : DataPart.values()) {
      ShardSet shards = data.part(part);
      shards.shards().forEach(shard -> shard.verifySize(hadoop, settings.data()));
      data.requireFits(settings.batchTokens(), settings.data(), part);
      int longest = shards.longest(data.kind());
      if (longest > model.maxLength()) {
        if (settings.from() != null) {
          throw new InvalidInputException(("%s accepts %d tokens, but the longest sentence of %s (%s) has %d with its end token; prepare "
              + "with a smaller prepare.max-tokens").formatted(settings.from(), model.maxLength(), settings.data(), part.text(), longest));
        }
        boolean pairs = data.kind() == ExampleKind.SENTENCE_PAIRS;
        String key = "model." + run.settings().model().lengthKey();
        throw new InvalidInputException(("%s is %d, but the longest %s of %s (%s) has %d tokens%s; set %s to at least that, or prepare "
            + "with a smaller prepare.%s")
            .formatted(key, model.maxLength(), pairs ? "sentence" : "row", settings.data(), part.text(), longest,
                pairs ? " with its end token" : "", key, pairs ? "max-tokens" : "row-tokens"));
      }
    }
    if (settings.validation().patience() > 0 && settings.validation().intervalSteps() == 0) {
      throw new InvalidInputException("train.validation.patience needs validations: set train.validation.interval-steps above 0");
    }
    if (settings.validation().patience() > 0 && !validates()) {
      throw new InvalidInputException(("train.validation.patience is %d, but %s has no validation part to measure a loss on; set it to "
          + "0, or prepare with prepare.held-out.fraction above 0 or a validation text")
          .formatted(settings.validation().patience(), settings.data()));
    }
  }

  private boolean validates() {
    return settings.validation().intervalSteps() > 0 && data.part(DataPart.VALIDATION).examples() > 0;
  }

  private void announceNoValidation(RunMonitor monitor) throws IOException {
    String why = settings.validation().intervalSteps() == 0 ? "train.validation.interval-steps is 0"
        : "the data has no validation " + data.kind().text();
    OptionalLong marked = new CheckpointStore(hadoop, settings.output()).bestStep();
    monitor.say("no validation: %s; the best model is %s".formatted(why, marked.isPresent()
        ? String.format(Locale.ROOT, "still that of step %,d, which was validated before", marked.getAsLong()) : "the last checkpoint"));
  }

  private Lineage lineage(PlannedModel planned, int workers, int threads, Optional<Checkpoint> resumed)
      throws IOException {
    Optional<String> document = resumed.isPresent() ? resumed.get().document(Lineage.FILE) : Optional.empty();
    Optional<Lineage> earlier = document.isPresent() ? Optional.of(Lineage.fromJson(new ObjectMapper().readTree(document.get())))
        : Optional.empty();
    Optional<String> weights = planned.weights() == null ? earlier.flatMap(LineageInputs::weights)
        : Optional.of(LineageInputs.weights(hadoop, planned.weights()));
    Lineage lineage = Lineage.of(LineageInputs.of(hadoop, settings.data(), data, run.settings(), weights, workers, threads));
    return earlier.map(lineage::after).orElse(lineage);
  }

  /** The checkpoint to go on from; empty for a run that begins. */
  private Optional<Checkpoint> resumed() throws IOException {
    if (!run.has(RESUME)) {
      requireFree(hadoop, settings);
      return Optional.empty();
    }
    Optional<Checkpoint> newest = new CheckpointStore(hadoop, settings.output()).latest(run.out()::println);
    if (newest.isEmpty()) {
      throw new InvalidInputException("Nothing to resume: no checkpoint in %s; leave out %s to begin a new run"
          .formatted(settings.output(), RESUME));
    }
    return newest;
  }

  private void checkResumed(Checkpoint newest, ModelConfig model) throws IOException {
    ModelConfig before = ModelConfig.parse(newest.config().toString());
    if (before.isOfFirstVersion()) {
      throw new InvalidInputException(("Cannot resume: %s was written by version 0.1, which had its parameters in another order; begin a "
          + "new run").formatted(newest.path()));
    }
    if (!before.equals(model)) {
      throw new InvalidInputException("Cannot resume: model.* is %s, in the checkpoint it was %s; set it back, or begin a new run"
          .formatted(model, before));
    }
    TrainingState.fromJson(newest.trainingState()).requireSameData(settings.batches(), data);
  }

  /**
   * Checks that a run may begin in the output folder of its settings.
   *
   * @throws InvalidInputException when it holds a checkpoint or foreign files
   */
  public static void requireFree(Configuration hadoop, TrainSettings settings) throws IOException {
    if (isOutputTaken(hadoop, settings)) {
      throw new InvalidInputException("Output exists already: %s; continue its training with %s, or name another folder (train.output)"
          .formatted(settings.output(), RESUME));
    }
  }

  /** The folders of a run that ended before its first checkpoint do not count. */
  private static boolean isOutputTaken(Configuration hadoop, TrainSettings settings) throws IOException {
    FileSystem fileSystem = settings.output().getFileSystem(hadoop);
    if (!fileSystem.exists(settings.output())) {
      return false;
    }
    for (FileStatus entry : fileSystem.listStatus(settings.output())) {
      String name = entry.getPath().getName();
      boolean own = entry.isDirectory() ? OWN_FOLDERS.contains(name) || entry.getPath().equals(fileSystem.makeQualified(settings.data()))
          : OWN_FILES.contains(name);
      if (!own) {
        return true;
      }
    }
    return !new CheckpointStore(hadoop, settings.output()).steps().isEmpty();
  }

  /** Threads of a worker: the cores of a task; in local mode, where there are more slots than workers, the workers share all cores. */
  private int threads(int slots, int workers) {
    int taskCpus = spark.getConf().getInt("spark.task.cpus", 1);
    return spark.isLocal() ? Math.max(taskCpus, slots * taskCpus / workers) : taskCpus;
  }

  /** Checks that a process with workers has the memory that it may need. */
  private void checkMemory(NetworkConfig model, TrainingPlan plan, int workersOfProcess) {
    ComputeSettings compute = settings.compute();
    MemoryPlan memory = MemoryPlan.of(model, plan.settings(), data, plan.workers(), workersOfProcess, plan.threads(),
        GpuResources.areUsed(spark.sc(), compute) ? MemoryPlan.productsOfDevice(compute.precision()) : MemoryPlan.productsOfHost(compute));
    LOG.debug("{}; {}", memory.description(), memory.details());
    Optional<MemoryLimit> limit = spark.isLocal() ? Optional.of(MemoryLimit.ofThisMachine()) : MemoryLimit.ofExecutor(spark.getConf());
    limit.ifPresent(memoryLimit -> memoryLimit.require(memory, settings));
  }

  private void announce(RunMonitor monitor, NetworkConfig model, TrainingPlan plan) {
    ShardSet train = data.part(DataPart.TRAIN);
    monitor.say(String.format(Locale.ROOT, "data: %s | %,d training %s, %,d validation %s | vocabulary %,d", settings.data(),
        train.examples(), data.kind().text(), data.part(DataPart.VALIDATION).examples(), data.kind().text(), model.vocabulary()));
    List<String> fresh = plan.model().fresh();
    monitor.say("model: " + model.summary() + (settings.from() == null ? "" : " | begun from " + settings.from()
        + (fresh.isEmpty() ? "" : ", but for " + String.join(", ", fresh))));
    String averaging = settings.localSteps() == 1 ? ""
        : " | %d local steps between averagings".formatted(settings.localSteps());
    String wire = plan.workers() == 1 ? "" : " | " + settings.parameterServer().wirePrecision() + " on the wire";
    String batches = settings.batchExamples() > 0
        ? String.format(Locale.ROOT, "batches of %,d %s, %,d steps", settings.batchExamples(), data.kind().text(), settings.maxSteps())
        : String.format(Locale.ROOT, "batches of up to %,d tokens", settings.batchTokens());
    monitor.say("workers: %d with %d thread(s) each | %s%s%s".formatted(plan.workers(), plan.threads(), batches, averaging, wire));
  }
}
