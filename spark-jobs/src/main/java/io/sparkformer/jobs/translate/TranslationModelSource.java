package io.sparkformer.jobs.translate;

import java.io.Serializable;

/**
 * Where a model comes from: what travels to the executors, instead of the model. Equal sources load the same model, so a process
 * loads it once ({@link LoadedModels}).
 */
public interface TranslationModelSource extends Serializable {

  /** Reads the model into this process's memory. */
  TranslationModel load();
}
