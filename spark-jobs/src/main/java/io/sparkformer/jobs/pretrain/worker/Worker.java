package io.sparkformer.jobs.pretrain.worker;

import io.sparkformer.data.shard.BatchSequence;
import io.sparkformer.data.shard.ExampleBatch;
import io.sparkformer.data.tokenizer.Tokenizer;
import io.sparkformer.jobs.config.TrainSettings;
import io.sparkformer.jobs.evaluate.Bleu;
import io.sparkformer.jobs.evaluate.BleuStatistics;
import io.sparkformer.jobs.parameterserver.ParameterUpdates;
import io.sparkformer.jobs.parameterserver.StepResult;
import io.sparkformer.jobs.pretrain.objective.TrainingObjective;
import io.sparkformer.jobs.pretrain.objective.TrainingObjective.Measure;
import io.sparkformer.jobs.pretrain.plan.TrainingEnd;
import io.sparkformer.jobs.pretrain.plan.TrainingEnd.Ending;
import io.sparkformer.jobs.pretrain.plan.TrainingPlan;
import io.sparkformer.jobs.pretrain.plan.TrainingState;
import io.sparkformer.jobs.pretrain.plan.WorkerStatus;
import io.sparkformer.jobs.pretrain.report.Departure;
import io.sparkformer.jobs.pretrain.report.Report;
import io.sparkformer.jobs.pretrain.report.Reporting;
import io.sparkformer.jobs.pretrain.report.TranslationSample;
import io.sparkformer.jobs.pretrain.saving.Saving;
import io.sparkformer.jobs.trace.ChromeTrace;
import io.sparkformer.jobs.trace.EnergyMeter;
import io.sparkformer.jobs.trace.Phase;
import io.sparkformer.jobs.trace.PhaseClock;
import io.sparkformer.jobs.transport.Transport;
import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.optimizer.WeightAverage;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The training loop of one worker. Every decision (validate, save, stop) is a function of the state and of numbers that all workers
 * have exchanged, so that all decide alike. The first worker also reports and asks whether to stop. With local
 * steps all of this waits for the steps after which all workers are in the same state.
 */
final class Worker {
  private static final long NOT_TRACED = -1;

  private final Configuration hadoop;
  private final TrainSettings settings;
  private final TrainingObjective objective;
  private final TransformerModel model;
  private final ControlTokens control;
  /** Null where weights are not averaged. */
  private final WeightAverage average;
  private final ParameterUpdates updates;
  private final Transport transport;
  private final Saving saving;
  private final Reporting reporting;
  private final int rank;
  private final int workers;

  private final PhaseClock clock;
  private final EnergyMeter energy;
  private final String place;
  private final Path trace;
  private final SharedReading readers;

  private long tracedUntil;
  private TrainingState state;
  private long validatedStep;
  /** Null before the first validation. */
  private Validation validation;

  Worker(Configuration hadoop, TrainingPlan plan, TransformerModel model, WeightAverage average, ParameterUpdates updates,
      Transport transport, PhaseClock clock, EnergyMeter energy, String place, Saving saving, Reporting reporting, TrainingState state) {
    this.hadoop = hadoop;
    this.settings = plan.settings();
    this.objective = plan.objective();
    this.model = model;
    this.average = average;
    this.control = plan.model().control();
    this.updates = updates;
    this.transport = transport;
    this.saving = saving;
    this.reporting = reporting;
    this.rank = transport.rank();
    this.workers = transport.workers();
    this.state = state;
    this.validatedStep = state.step();
    this.readers = new SharedReading(transport, () -> this.state.step());
    this.clock = clock;
    this.energy = energy;
    this.place = place;
    this.trace = ChromeTrace.file(settings.output(), state.step());
    this.tracedUntil = settings.traceSteps() == 0 ? NOT_TRACED : state.step() + settings.traceSteps();
  }

  /** Trains until a limit is reached, patience runs out or a stop is requested, and saves the last state. */
  TrainingEnd run() throws IOException {
    if (tracedUntil != NOT_TRACED) {
      clock.record();
    }
    GradientStep gradient = new GradientStep(model, objective, settings.seed(), rank, workers, settings.accumulate());
    Ending ending = limit();
    try (BatchSequence batches = BatchSequence.endless(hadoop, settings.data(), state.plan(), state.position(), readers)) {
      while (ending == Ending.NONE) {
        clock.enter(Phase.DATA);
        ExampleBatch batch = batches.next();
        StepResult result = train(gradient, batch);
        if (!result.isShared()) {
          continue;
        }
        WorkerStatus own = new WorkerStatus(reporting.isTimeUp(), wantsToStop(), saving.isReady(), energy.take(), clock.take());
        List<WorkerStatus> all = transport.exchange(state.step(), "status", own.toBytes()).stream().map(WorkerStatus::of).toList();
        reporting.step(state, batch.epoch(), result, all);
        if (all.stream().allMatch(WorkerStatus::checkpointWritten)) {
          saving.proceed();
        }
        if (tracedUntil != NOT_TRACED && state.step() >= tracedUntil) {
          writeTrace();
        }
        if (isDue(settings.validation().intervalSteps())) {
          validate();
        }
        ending = all.stream().anyMatch(WorkerStatus::timeUp) ? Ending.TIME
            : all.stream().anyMatch(WorkerStatus::wantsToStop) ? Ending.STOPPED : limit();
        if (isDue(settings.checkpoint().intervalSteps())) {
          save();
        }
      }
      if (ending != Ending.STOPPED && settings.validation().intervalSteps() > 0 && validatedStep != state.step()) {
        validate();
      }
      if (tracedUntil != NOT_TRACED) {
        writeTrace();
      }
      save();
      saving.finish();
    }
    TrainingEnd end = new TrainingEnd(state, ending);
    reporting.end(end);
    return end;
  }

  private StepResult train(GradientStep gradient, ExampleBatch batch) {
    clock.enter(Phase.COMPUTE);
    Loss own = gradient.run(batch, state.step(), updates);
    clock.enter(Phase.UPDATE);
    StepResult result = updates.update(state.step() + 1, own.smoothed(), own.tokens());
    if (!result.skipped()) {
      if (average != null && result.isShared()) {
        updates.awaitParameters();
        average.add(updates.adam().updates() - 1);
      }
      model.parametersChanged();
    }
    state = state.after(result, batch.next());
    clock.enter(Phase.OTHER);
    return result;
  }

  private void writeTrace() throws IOException {
    ChromeTrace.write(hadoop, trace, transport, state.step(), place, clock);
    tracedUntil = NOT_TRACED;
  }

  private void save() throws IOException {
    updates.awaitParameters();
    saving.save(state);
  }

  private void validate() throws IOException {
    updates.awaitParameters();
    long start = System.nanoTime();
    if (validation == null) {
      validation = new Validation(hadoop, settings.data(), objective, control,
          settings.batchTokens() / (workers * settings.accumulate()),
          settings.validation().bleuSentences(), readers);
    }
    swapAverage();
    Loss own = validation.loss(model);
    List<TranslationSample> translations = List.of();
    if (settings.validation().bleuSentences() > 0) {
      try (Tokenizer tokenizer = Tokenizer.load(hadoop, new Path(settings.data(), "tokenizer.json"))) {
        translations = validation.translate(model, tokenizer);
      }
    }
    BleuStatistics ownBleu = Validation.bleu(translations);
    if (settings.tensorBoard().histograms()) {
      reporting.histograms(state.step(), "weights", () -> Validation.weights(model));
      reporting.histograms(state.step(), "gradients", () -> validation.gradients(model, state.step()));
    }
    swapAverage();
    double[] sums = transport.sum(state.step(), "validation", own.smoothed(), own.negativeLogLikelihood(), own.tokens(),
        own.correct(),
        ownBleu.hypothesisWords(), ownBleu.referenceWords(),
        ownBleu.matches().get(0), ownBleu.matches().get(1), ownBleu.matches().get(2), ownBleu.matches().get(3),
        ownBleu.totals().get(0), ownBleu.totals().get(1), ownBleu.totals().get(2), ownBleu.totals().get(3));
    double nll = sums[1] / sums[2];
    BleuStatistics bleu = new BleuStatistics((long) sums[4], (long) sums[5], counts(sums, 6), counts(sums, 10));
    boolean best = state.isImprovedBy(nll);
    state = state.afterValidation(nll);
    validatedStep = state.step();
    Measure measure = objective.measure();
    reporting.validation(new Report.Validation(state.step(), state.position().epoch() + 1, sums[0] / sums[2], nll,
        measure == Measure.TOKENS ? Math.exp(nll) : Double.NaN, measure == Measure.VALUES ? Double.NaN : sums[3] / sums[2],
        settings.validation().bleuSentences() > 0 ? Bleu.STANDARD.score(bleu).score() : Double.NaN, settings.validation().bleuSentences(),
        best, (System.nanoTime() - start) / 1e9,
        List.copyOf(translations.subList(0, Math.min(translations.size(), settings.validation().samples())))));
    if (best) {
      saving.saveBest(state);
    }
  }

  /** Where weights are averaged: takes the average for the parameters, and back. */
  private void swapAverage() {
    if (average != null) {
      average.swap();
      model.parametersChanged();
    }
  }

  private static List<Long> counts(double[] sums, int from) {
    return List.of((long) sums[from], (long) sums[from + 1], (long) sums[from + 2], (long) sums[from + 3]);
  }

  private boolean wantsToStop() {
    return reporting.wantsToStop() || Departure.here().isWished();
  }

  private boolean isDue(long interval) {
    return interval > 0 && state.step() % interval == 0;
  }

  private Ending limit() {
    if (state.step() >= settings.maxSteps()) {
      return Ending.STEPS;
    }
    if (state.position().epoch() >= settings.maxEpochs()) {
      return Ending.EPOCHS;
    }
    int patience = settings.validation().patience();
    return patience > 0 && state.validationsSinceBest() >= patience ? Ending.PATIENCE : Ending.NONE;
  }
}
