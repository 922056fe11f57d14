package io.sparkformer.jobs.translate;

import java.io.Serializable;
import java.util.List;
import org.apache.hadoop.fs.Path;

/**
 * Where a model is read from; executors receive this instead of the model.
 */
public interface TranslationModelSource extends Serializable {

  /** The files and folders that the model is read from: a job must not replace them. */
  List<Path> files();

  /** The model in this process's memory. Every task calls this: what takes long to read is kept there. */
  TranslationModel load();
}
