package io.sparkformer.jobs.translate;

import io.sparkformer.model.decode.DecodingOptions;
import java.io.Serializable;
import java.util.List;

/**
 * What travels to the executors: how to translate a part there.
 *
 * @param source where the model comes from
 * @param options how to search
 * @param batchTokens source tokens times beam decoded together
 * @param counters what is counted on the way
 */
record TranslationTask(TranslationModelSource source, DecodingOptions options, int batchTokens, TranslationCounters counters)
    implements Serializable {

  int nBest() {
    return options.nBest();
  }

  List<Translation> translate(List<String> sentences) {
    try (SentenceTranslator translator = new SentenceTranslator(LoadedModels.of(source), options, batchTokens)) {
      List<Translation> translations = translator.translate(sentences);
      counters.add(translations);
      return translations;
    }
  }
}
