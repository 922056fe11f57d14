package io.sparkformer.jobs.translate;

import io.sparkformer.model.decode.DecodingOptions;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/**
 * Translates a part; sent to the executors.
 *
 * @param source where the model comes from
 * @param options how to search
 * @param batchTokens source tokens times beam decoded together
 * @param counters counts of the run
 */
record TranslationTask(TranslationModelSource source, DecodingOptions options, int batchTokens, TranslationCounters counters)
    implements Serializable {

  int nBest() {
    return options.nBest();
  }

  /** Translates sentences, some at a time as they are asked for; one translation for each, in their order. */
  Iterator<Translation> translate(Iterator<String> sentences) {
    return new InChunks(this, sentences);
  }

  private List<Translation> translate(List<String> sentences) {
    try (SentenceTranslator translator = new SentenceTranslator(source.load(), options, batchTokens)) {
      List<Translation> translations = translator.translate(sentences);
      counters.add(translations);
      return translations;
    }
  }

  /** Memory holds one chunk of a part, however long the part is. */
  private static final class InChunks implements Iterator<Translation> {

    private static final int CHUNK = 1024;

    private final TranslationTask task;
    private final Iterator<String> sentences;
    private Iterator<Translation> translated = Collections.emptyIterator();

    InChunks(TranslationTask task, Iterator<String> sentences) {
      this.task = task;
      this.sentences = sentences;
    }

    @Override
    public boolean hasNext() {
      return translated.hasNext() || sentences.hasNext();
    }

    @Override
    public Translation next() {
      if (!translated.hasNext()) {
        List<String> chunk = new ArrayList<>();
        while (chunk.size() < CHUNK && sentences.hasNext()) {
          chunk.add(sentences.next());
        }
        translated = task.translate(chunk).iterator();
      }
      return translated.next();
    }
  }
}
