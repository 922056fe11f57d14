package io.sparkformer.jobs.sentence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import scala.Tuple2;

/** The results of a part's numbered sentences, in the same order. Memory holds one window of the part, however long the part is. */
final class SentenceResults<T> implements Iterator<SentenceResult<T>> {

  private static final int WINDOW = 1024;

  private final SentenceTask<T> task;
  private final Iterator<Tuple2<Long, String[]>> sentences;
  private Iterator<SentenceResult<T>> results = Collections.emptyIterator();

  SentenceResults(SentenceTask<T> task, Iterator<Tuple2<Long, String[]>> sentences) {
    this.task = task;
    this.sentences = sentences;
  }

  static <T> Stream<SentenceResult<T>> stream(SentenceTask<T> task, Iterator<Tuple2<Long, String[]>> sentences) {
    Iterable<SentenceResult<T>> results = () -> new SentenceResults<>(task, sentences);
    return StreamSupport.stream(results.spliterator(), false);
  }

  @Override
  public boolean hasNext() {
    return results.hasNext() || sentences.hasNext();
  }

  @Override
  public SentenceResult<T> next() {
    if (!results.hasNext()) {
      results = nextWindow();
    }
    return results.next();
  }

  private Iterator<SentenceResult<T>> nextWindow() {
    List<Tuple2<Long, String[]>> window = new ArrayList<>();
    while (window.size() < WINDOW && sentences.hasNext()) {
      window.add(sentences.next());
    }
    List<Sentence> ofWindow = window.stream().map(each -> new Sentence(each._1, Arrays.stream(each._2)
        .map(text -> text == null ? "" : text).toList())).toList();
    List<T> values = task.run(ofWindow);
    List<SentenceResult<T>> all = new ArrayList<>(window.size());
    for (int i = 0; i < ofWindow.size(); i++) {
      all.add(new SentenceResult<>(ofWindow.get(i), values.get(i)));
    }
    return all.iterator();
  }
}
