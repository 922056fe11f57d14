package io.sparkformer.jobs.translate;

import java.io.Serializable;
import java.util.List;
import org.apache.hadoop.fs.Path;

/**
 * Where a model comes from: what travels to the executors, instead of the model. Equal sources load the same model, so a process
 * loads it once ({@link LoadedModels}).
 */
public interface TranslationModelSource extends Serializable {

  /** The files and folders that the model is read from: a job must not replace them. */
  List<Path> files();

  /** Reads the model into this process's memory. */
  TranslationModel load();
}
