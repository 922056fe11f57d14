package io.sparkformer.data.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.data.InvalidInputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadersTest {

  /** Windows that end within shards, and shards that hold several windows. */
  private static final BatchPlan PLAN = new BatchPlan(3, 400, 700);
  private static final int LONE = 0;
  private static final int EPOCHS = 2;

  @TempDir
  private static Path folder;

  @BeforeAll
  static void writeShards() throws IOException {
    PreparedFolder.write(folder, PreparedFolder.pairs(12_000, 30, 1), 1000);
  }

  /** Readers in one process: an exchange is an array and two meetings. */
  private static final class Meeting {

    private final CyclicBarrier barrier;
    private final List<byte[]> given;

    Meeting(int count) {
      this.barrier = new CyclicBarrier(count);
      this.given = new ArrayList<>(Collections.nCopies(count, null));
    }

    Readers reader(int rank) {
      return new Readers() {
        @Override
        public int rank() {
          return rank;
        }

        @Override
        public int count() {
          return given.size();
        }

        @Override
        public List<byte[]> exchange(String what, byte[] own) {
          given.set(rank, own);
          meet();
          List<byte[]> all = List.copyOf(given);
          meet();
          return all;
        }
      };
    }

    private void meet() {
      try {
        barrier.await(60, TimeUnit.SECONDS);
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"2, 0, 0", "4, 0, 0", "5, 0, 0", "4, 1, 7"})
  void readersTogetherReadTheDataOnceAndDrawTheBatchesOfALoneOne(int count, int epoch, long window) throws Exception {
    BatchPosition start = new BatchPosition(epoch, window, 0);
    List<ExampleBatch> expected = batches(LONE, start, Readers.ALONE);
    long lone = CountedFiles.bytes(LONE);
    Meeting meeting = new Meeting(count);
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      List<Future<List<ExampleBatch>>> all = new ArrayList<>();
      for (int rank = 0; rank < count; rank++) {
        int own = rank;
        all.add(threads.submit(() -> batches(1 + own, start, meeting.reader(own))));
      }
      for (Future<List<ExampleBatch>> each : all) {
        assertThat(each.get(100, TimeUnit.SECONDS)).isEqualTo(expected);
      }
    } finally {
      threads.shutdownNow();
    }
    long sum = 0;
    for (int rank = 0; rank < count; rank++) {
      long bytes = CountedFiles.bytes(1 + rank);
      assertThat(bytes).as("bytes that reader %d of %d reads; alone it would be %d", rank, count, lone).isLessThan(2 * lone / count);
      sum += bytes;
    }
    assertThat(sum).as("bytes that all read together; one alone: %d", lone).isLessThan(11 * lone / 10);
  }

  @Test
  void onlyTheReaderOfADamagedShardReadsIt() throws Exception {
    Path damaged = Files.createDirectory(folder.resolve("damaged"));
    PreparedFolder.write(damaged, PreparedFolder.pairs(40, 9, 1), 10);
    Files.write(damaged.resolve("train/shard-00001.parquet"), new byte[10]);
    Meeting meeting = new Meeting(2);
    BatchPlan plan = new BatchPlan(3, 400, 100);
    ExecutorService threads = Executors.newFixedThreadPool(1);
    try (BatchSequence first = open(damaged, plan, meeting.reader(0)); BatchSequence second = open(damaged, plan, meeting.reader(1))) {
      Future<ExampleBatch> waiting = threads.submit(first::next);
      assertThatThrownBy(second::next).isInstanceOf(InvalidInputException.class).hasMessageContaining("train/shard-00001.parquet");
      waiting.cancel(true);
      assertThat(waiting.isCancelled()).isTrue();
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void pairsTravelAsBytes() {
    List<SentencePair> pairs = List.of(new SentencePair(new int[] {0, 127, 128, 16_383, 16_384, Integer.MAX_VALUE}, new int[] {5}),
      new SentencePair(new int[] {1}, new int[] {}));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    pairs.forEach(pair -> ExampleBytes.write(pair, out));
    assertThat(out.size()).isEqualTo(1 + 1 + 1 + 2 + 2 + 3 + 5 + 2 + 2 + 1);
    ExampleBytes bytes = new ExampleBytes(ExampleKind.SENTENCE_PAIRS, out.toByteArray());
    assertThat(List.of(bytes.next(), bytes.next())).isEqualTo(pairs);
    assertThatThrownBy(bytes::next).isInstanceOf(BufferUnderflowException.class);
  }

  private static BatchSequence open(Path data, BatchPlan plan, Readers readers) {
    return BatchSequence.endless(PreparedFolder.HADOOP, PreparedFolder.path(data), plan, BatchPosition.START, readers);
  }

  /** From the start to the end of the second epoch; reads through the counter. */
  private static List<ExampleBatch> batches(int counter, BatchPosition start, Readers readers) {
    List<ExampleBatch> batches = new ArrayList<>();
    try (BatchSequence sequence = BatchSequence.endless(CountedFiles.counting(counter), CountedFiles.path(folder), PLAN, start, readers)) {
      while (sequence.position().epoch() < EPOCHS) {
        batches.add(sequence.next());
      }
    }
    return batches;
  }
}
