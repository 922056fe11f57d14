package io.sparkformer.jobs.translate;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** The models of this process: each is loaded by the first task that needs it, while others wait, and stays for the tasks to come. */
final class LoadedModels {

  private static final ConcurrentMap<TranslationModelSource, TranslationModel> MODELS = new ConcurrentHashMap<>();

  private LoadedModels() { }

  static TranslationModel of(TranslationModelSource source) {
    return MODELS.computeIfAbsent(source, TranslationModelSource::load);
  }
}
