package io.sparkformer.jobs.pretrain.worker;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.shard.ShardManifest;
import io.sparkformer.jobs.config.LearningRateSettings;
import io.sparkformer.jobs.config.TrainSettings;
import io.sparkformer.jobs.device.GpuResources;
import io.sparkformer.jobs.parameterserver.LocalSteps;
import io.sparkformer.jobs.parameterserver.ParameterServer;
import io.sparkformer.jobs.parameterserver.ParameterUpdates;
import io.sparkformer.jobs.parameterserver.UpdateSettings;
import io.sparkformer.jobs.pretrain.plan.TrainingEnd;
import io.sparkformer.jobs.pretrain.plan.TrainingPlan;
import io.sparkformer.jobs.pretrain.plan.TrainingState;
import io.sparkformer.jobs.pretrain.report.Departure;
import io.sparkformer.jobs.pretrain.report.ReportPlugin;
import io.sparkformer.jobs.pretrain.report.Reporting;
import io.sparkformer.jobs.pretrain.report.RunLogs;
import io.sparkformer.jobs.pretrain.report.WorkerFailure;
import io.sparkformer.jobs.pretrain.resources.DeviceLimit;
import io.sparkformer.jobs.pretrain.resources.MemoryPlan;
import io.sparkformer.jobs.pretrain.saving.Saving;
import io.sparkformer.jobs.pretrain.saving.Snapshot;
import io.sparkformer.jobs.trace.EnergyMeter;
import io.sparkformer.jobs.trace.PhaseClock;
import io.sparkformer.jobs.trace.StepTimes;
import io.sparkformer.jobs.trace.TimedTransport;
import io.sparkformer.jobs.transport.Transport;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.checkpoint.Checkpoint;
import io.sparkformer.model.checkpoint.CheckpointStore;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.hub.HubFolder;
import io.sparkformer.model.hub.ModelTensors;
import io.sparkformer.model.kernel.KernelSelection;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Precision;
import io.sparkformer.model.kernel.Processors;
import io.sparkformer.model.kernel.cuda.CudaKernels;
import io.sparkformer.model.kernel.cuda.CudaSettings;
import io.sparkformer.model.memory.FlatRange;
import io.sparkformer.model.memory.FloatRegion;
import io.sparkformer.model.memory.ParallelBlocks;
import io.sparkformer.model.optimizer.AdamSettings;
import io.sparkformer.model.optimizer.LearningRateSchedule;
import io.sparkformer.model.optimizer.UpdatePlace;
import io.sparkformer.model.optimizer.WeightAverage;
import io.sparkformer.model.optimizer.WeightDecay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.nd4j.linalg.factory.Nd4j;

/** Creates what a worker trains with: the network, its part of the optimizer, and their values from the newest checkpoint if it resumes. */
public final class WorkerStart {
  private WorkerStart() {}

  /**
   * Trains to the end; a failure is sent to the driver and to the other workers before it is thrown.
   *
   * @param place for messages: where this worker runs
   */
  static TrainingEnd run(Configuration hadoop, TrainingPlan plan, Transport joined, String place) {
    PhaseClock clock = new PhaseClock();
    Transport transport = new TimedTransport(joined, clock);
    Departure.here().workerBegins();
    try (ParallelBlocks blocks = new ParallelBlocks(plan.threads())) {
      return train(hadoop, plan, transport, blocks, clock, place);
    } catch (RuntimeException | Error e) {
      tell(plan, transport, e);
      throw e;
    } catch (IOException e) {
      UncheckedIOException failure = new UncheckedIOException("Worker %d: %s".formatted(transport.rank(), e.getMessage()), e);
      tell(plan, transport, failure);
      throw failure;
    } finally {
      Departure.here().workerEnds();
    }
  }

  /** Tells the driver first, so that it learns of the failure before it learns of the failures that follow at other workers. */
  private static void tell(TrainingPlan plan, Transport transport, Throwable failure) {
    ReportPlugin.fail(plan.attemptId(), WorkerFailure.of(transport.rank(), failure));
    transport.abort(failure);
  }

  private static TrainingEnd train(Configuration hadoop, TrainingPlan plan, Transport transport, ParallelBlocks blocks,
      PhaseClock clock, String place) throws IOException {
    TrainSettings settings = plan.settings();
    Nd4j.getEnvironment().setMaxThreads(plan.threads());
    ModelConfig config = ModelConfig.parse(plan.model().config());
    List<String> warnings = new ArrayList<>();
    Optional<Checkpoint> checkpoint = checkpoint(hadoop, plan, transport, warnings);
    TrainingState begun = checkpoint.isPresent() ? TrainingState.fromJson(checkpoint.get().trainingState()).on(plan.data())
        : TrainingState.beginning(plan.batches(), plan.data());
    Processors processors = GpuResources.ofTask(settings.compute().kernels(), plan.threads());
    TrainingState state = RunPrecision.settle(settings.compute(), processors, begun, transport, warnings::add);
    try (Kernels kernels = kernels(settings, state, processors)) {
      requireDevice(kernels, plan, config.network(), ShardManifest.read(hadoop, settings.data()), transport);
      TransformerModel model = create(config.network().withZLoss(settings.objective().zLoss()), kernels, plan);
      if (checkpoint.isPresent()) {
        ModelTensors tensors = ModelTensors.of(config, model);
        checkpoint.get().readModel(tensors.all(), tensors.naming());
        model.parametersChanged();
      } else if (plan.model().weights() != null) {
        HubFolder.open(hadoop, plan.model().weights()).readInto(model, config, plan.model().fresh());
      }
      WeightAverage average = average(settings, model, checkpoint, blocks);
      ParameterUpdates updates = updates(settings, config.network(), model, transport, blocks);
      if (checkpoint.isPresent()) {
        checkpoint.get().readOptimizer(updates.adam());
        updates.stateWritten();
      }
      updates.requireSameParameters(state.step());
      List<String> places = transport.exchange(state.step(), "places of the workers", place.getBytes(StandardCharsets.UTF_8)).stream()
          .map(name -> new String(name, StandardCharsets.UTF_8)).toList();
      try (Reporting reporting = transport.rank() == 0
              ? Reporting.first(settings, RunLogs.open(hadoop, settings.output(), state.step()), ReportPlugin.line(plan.attemptId()),
                  state.step(), plan.elapsed(), new StepTimes(places), plan.objective().measure().counted())
              : Reporting.silent(settings);
          Saving saving = new Saving(hadoop, plan, Snapshot.ofRank(transport.rank(), config, model, updates::savedOptimizer, average),
              transport, reporting, checkpoint.isPresent() ? state : null)) {
        long from = state.step();
        reporting.start(from, plan.threads());
        warnings.forEach(warning -> reporting.note(from, warning));
        reporting.note(from, model.kernels().description());
        reporting.note(from, String.format(Locale.ROOT, "%s at step %,d with %,d parameters", from == 0 ? "beginning" : "resuming", from,
            model.parameters().length()));
        return new Worker(hadoop, plan, model, average, updates, transport, clock, energy(places, transport.rank()), place,
            saving, reporting, state).run();
      }
    }
  }

  /** The average that the checkpoint's model is, or one that begins now; null where weights are not averaged. */
  private static WeightAverage average(TrainSettings settings, TransformerModel model, Optional<Checkpoint> checkpoint,
      ParallelBlocks blocks) throws IOException {
    FloatRegion parameters = model.trainedRegion();
    WeightAverage average = settings.emaDecay() == 0 ? null : new WeightAverage(settings.emaDecay(), parameters, blocks);
    if (checkpoint.isPresent() && checkpoint.get().readTrained(parameters)) {
      model.parametersChanged();
    }
    return average;
  }

  /** The first worker of each machine measures it. */
  private static EnergyMeter energy(List<String> places, int rank) {
    List<String> machines = places.stream().map(place -> place.substring(place.lastIndexOf(' ') + 1)).toList();
    return machines.indexOf(machines.get(rank)) == rank ? EnergyMeter.ofThisMachine() : EnergyMeter.measuredElsewhere();
  }

  /** Before any of its memory is taken. */
  private static void requireDevice(Kernels kernels, TrainingPlan plan, NetworkConfig network, ShardManifest data, Transport transport) {
    OwnDevice.require(kernels instanceof CudaKernels cuda ? cuda.device().uuid() : "", transport);
    if (kernels instanceof CudaKernels cuda) {
      Precision precision = cuda.products() == CudaSettings.ProductType.BFLOAT16 ? Precision.BFLOAT16 : Precision.FLOAT32;
      MemoryPlan memory = MemoryPlan.of(network, plan.settings(), data, Long.MAX_VALUE, plan.workers(), 1, plan.threads(),
          MemoryPlan.productsOfDevice(precision));
      new DeviceLimit(cuda.device().toString(), cuda.device().memoryBytes(), cuda.device().freeBytes()).require(memory, plan.settings());
    }
  }

  private static Kernels kernels(TrainSettings settings, TrainingState state, Processors processors) {
    try {
      return KernelSelection.select(settings.compute().kernels(), RunPrecision.of(settings.compute(), state), processors);
    } catch (IllegalStateException e) {
      // The kernels or the precision of the settings cannot run on this machine.
      throw new InvalidInputException(e.getMessage(), e);
    }
  }

  /** The first worker finds and verifies the newest whole checkpoint; all begin from the same one. */
  private static Optional<Checkpoint> checkpoint(Configuration hadoop, TrainingPlan plan, Transport transport, List<String> warnings)
      throws IOException {
    if (plan.start() == TrainingPlan.Start.BEGINNING) {
      return Optional.empty();
    }
    String found = "";
    if (transport.rank() == 0) {
      CheckpointStore store = new CheckpointStore(hadoop, plan.settings().output());
      store.discardUnfinished();
      found = store.latest(warnings::add).map(newest -> newest.path().toString()).orElse("");
    }
    byte[] chosen = transport.decide(0, "checkpoint to begin from", found.getBytes(StandardCharsets.UTF_8));
    return chosen.length == 0 ? Optional.empty()
        : Optional.of(Checkpoint.open(hadoop, new Path(new String(chosen, StandardCharsets.UTF_8))));
  }

  private static TransformerModel create(NetworkConfig network, Kernels kernels, TrainingPlan plan) {
    try {
      return TransformerModel.create(network, kernels, plan.settings().recompute(), plan.model().frozen());
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException("train.trainable and train.frozen: " + e.getMessage() + "; set kernels = cpu", e);
    }
  }

  private static ParameterUpdates updates(TrainSettings settings, NetworkConfig config, TransformerModel model, Transport transport,
      ParallelBlocks blocks) {
    FloatRegion parameters = model.trainedRegion();
    FloatRegion gradient = FloatRegion.of(model.gradients());
    // As usual, matrices and tables decay; biases and the gains of norms do not.
    UpdateSettings updates = updateSettings(settings, config).with(new WeightDecay(settings.optimizer().weightDecay(),
        model.trainedParameters().stream().filter(parameter -> parameter.shape().length > 1)
            .map(parameter -> new FlatRange(parameter.offset(), parameter.offset() + parameter.length())).toList()));
    // Averaged are the parameters on the host.
    UpdatePlace place = settings.emaDecay() > 0 ? UpdatePlace.HOST : model.kernels()::slice;
    return settings.localSteps() == 1 ? new ParameterServer(transport, parameters, gradient, updates, blocks, place)
        : new LocalSteps(transport, parameters, gradient, updates, settings.localSteps(), blocks, place);
  }

  /** @throws IllegalArgumentException when numbers of the optimizer or the schedule do not fit each other */
  public static UpdateSettings updateSettings(TrainSettings settings, NetworkConfig config) {
    TrainSettings.OptimizerSettings optimizer = settings.optimizer();
    return new UpdateSettings(new AdamSettings(optimizer.beta1(), optimizer.beta2(), optimizer.epsilon()),
        schedule(settings.learningRate(), settings.maxSteps(), config), optimizer.clipNorm(), Math.max(1, settings.maxSkippedSteps()));
  }

  private static LearningRateSchedule schedule(LearningRateSettings settings, long maxSteps, NetworkConfig config) {
    return switch (settings.schedule()) {
      case NOAM -> new LearningRateSchedule.Noam(settings.factor(), config.width(), settings.warmupSteps());
      case INVERSE_SQUARE_ROOT -> new LearningRateSchedule.InverseSquareRoot(settings.peak(), settings.warmupSteps());
      case LINEAR -> new LearningRateSchedule.Linear(settings.peak(), settings.warmupSteps(), maxSteps);
      case COSINE -> new LearningRateSchedule.Cosine(settings.peak(), settings.minimum(), settings.warmupSteps(), maxSteps);
      case CONSTANT -> new LearningRateSchedule.Constant(settings.peak(), settings.warmupSteps());
    };
  }
}
