package io.sparkformer.model.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.sparkformer.model.architecture.SpecialTokens;
import io.sparkformer.model.architecture.TransformerSettings;
import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.NormPosition;
import io.sparkformer.model.config.TiedEmbeddings;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.NextTokens;
import io.sparkformer.model.kernel.cpu.CpuKernels;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

/** What decoding leaves to the garbage collector. */
class DecodingMemoryTest {
  private static final int VOCABULARY = 500;
  private static final int TOGETHER = 64;
  private static final int WARM_UP = 8;
  private static final int FEW = 8_000;
  private static final int MANY = 40_000;
  private static final long SLACK = 2_000_000;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static TransformerModel model(int layers, int width) {
    return TransformerModel.create(new TransformerSettings(layers, layers, width, 4, 2 * width, NormPosition.POST, Activation.RELU,
        TiedEmbeddings.ALL, 0, 0, 0, 0.0, 200, 1e-5).config(VOCABULARY, new SpecialTokens(0, 1, 2), 3).network(), new CpuKernels(1));
  }

  private static long allocated() {
    return THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
  }

  /** Counts what is allocated within steps, and between them. */
  private static final class Counting implements StepDecoder {
    private final StepDecoder decoder;
    private final List<Long> within = new ArrayList<>();
    private final List<Long> between = new ArrayList<>();
    private long last;

    Counting(StepDecoder decoder) {
      this.decoder = decoder;
    }

    @Override
    public DecoderLimits limits() {
      return decoder.limits();
    }

    @Override
    public NextTokens start(List<int[]> inputs, int k) {
      NextTokens next = decoder.start(inputs, k);
      last = allocated();
      return next;
    }

    @Override
    public NextTokens step(int[] tokens, int[] parents, int k) {
      long before = allocated();
      between.add(before - last);
      NextTokens next = decoder.step(tokens, parents, k);
      last = allocated();
      within.add(last - before);
      return next;
    }

    @Override
    public void close() {
      decoder.close();
    }
  }

  private static List<int[]> sentences(int count, Random random) {
    List<int[]> sentences = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sentences.add(random.ints(1 + random.nextInt(6), 5, VOCABULARY).toArray());
    }
    return sentences;
  }

  /** A step of 64 sentences with beams of 4, once the arrays have grown. The network's part is measured by itself. */
  @Test
  void aStepOfTheSearchAllocatesLittle() {
    Random random = new Random(1);
    try (Counting counting = new Counting(new Session(model(2, 64), ControlTokens.STANDARD))) {
      BeamSearch search = new BeamSearch(counting, new DecodingOptions(4, 0, 1, 0, 60));
      for (int i = 0; i < WARM_UP; i++) {
        counting.within.clear();
        counting.between.clear();
        search.translate(sentences(TOGETHER, random));
      }
      System.out.printf("Heap allocated in a step of %d sentences, beam 4: %,.0f bytes by the search, %,.0f by the network%n", TOGETHER,
          mean(counting.between), mean(counting.within));
      assertThat(mean(counting.between)).as("bytes that the search allocates in a step").isLessThan(10_000);
    }
  }

  private static double mean(List<Long> bytes) {
    return bytes.stream().mapToLong(Long::longValue).average().orElseThrow();
  }

  /** Java's heap after a collection, and what is allocated outside of it. */
  private record Used(long heap, long outside) {
    static Used now() {
      System.gc();
      long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream().mapToLong(BufferPoolMXBean::getMemoryUsed).sum();
      return new Used(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(), direct + Pointer.totalBytes());
    }
  }

  @Test
  void manySentencesTakeNoMoreMemoryThanFew() {
    Random random = new Random(5);
    try (Session session = new Session(model(1, 16), ControlTokens.STANDARD)) {
      BeamSearch search = new BeamSearch(session, new DecodingOptions(2, 0.6, 1, 0, 4));
      decode(search, random, FEW);
      Used few = Used.now();
      decode(search, random, MANY);
      Used many = Used.now();
      assertThat(many.heap()).as("bytes of heap in use after %d more sentences", MANY).isLessThan(few.heap() + SLACK);
      assertThat(many.outside()).as("bytes outside the heap after %d more sentences", MANY).isLessThan(few.outside() + SLACK);
    }
  }

  private static void decode(BeamSearch search, Random random, int count) {
    for (int done = 0; done < count; done += TOGETHER) {
      search.translate(sentences(TOGETHER, random));
    }
  }
}
