package io.sparkformer.jobs.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RecentlyUsedTest {

  private final List<String> made = Collections.synchronizedList(new ArrayList<>());

  @Test
  void onlyTheValuesUsedLastAreKept() {
    RecentlyUsed<String, String> values = new RecentlyUsed<>(2, this::make);
    assertThat(List.of(values.get("a"), values.get("b"), values.get("a"))).containsExactly("A", "B", "A");
    values.get("c");
    values.get("a");
    assertThat(made).containsExactly("a", "b", "c");
    values.get("b");
    assertThat(made).containsExactly("a", "b", "c", "b");
  }

  @Test
  void aValueThatCouldNotBeMadeIsTriedAgain() {
    RecentlyUsed<String, String> values = new RecentlyUsed<>(2, key -> {
      if (made.isEmpty()) {
        made.add("failure");
        throw new IllegalStateException("not yet");
      }
      return make(key);
    });
    assertThatThrownBy(() -> values.get("a")).hasMessage("not yet");
    assertThat(values.get("a")).isEqualTo("A");
  }

  @Test
  void aValueIsMadeOnceAndOtherKeysNeedNotWait() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    RecentlyUsed<String, String> values = new RecentlyUsed<>(2, key -> {
      if (key.equals("slow")) {
        begun.countDown();
        await(done);
      }
      return make(key);
    });
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<String> first = threads.submit(() -> values.get("slow"));
      await(begun);
      Future<String> second = threads.submit(() -> values.get("slow"));
      assertThat(values.get("quick")).isEqualTo("QUICK");
      done.countDown();
      assertThat(first.get(60, TimeUnit.SECONDS)).isSameAs(second.get(60, TimeUnit.SECONDS));
      assertThat(made).containsExactly("quick", "slow");
    } finally {
      threads.shutdownNow();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private String make(String key) {
    made.add(key);
    return key.toUpperCase(Locale.ROOT);
  }
}
