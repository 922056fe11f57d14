package io.sparkformer.model.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Precision;
import io.sparkformer.model.kernel.cpu.CpuKernels;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SamplingTest {
  private static final int VOCABULARY = 50;
  private static final int POSITIONS = 16;
  private static final int END = 2;
  private static final int MOST = 24;
  private static final ControlTokens CONTROL = new ControlTokens(1, END, Set.of(0, 1));
  private static final SamplingOptions DRAWN = new SamplingOptions(1.3, 30, 0.95, 0.01);

  private static TransformerModel model(String json, Kernels kernels) {
    try {
      return TransformerModel.create(ModelConfig.parse(new ObjectMapper().readTree(json).toString()).network(), kernels);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** With initial weights so large that its distributions are far from even. */
  private static TransformerModel gpt(Kernels kernels) {
    return model("""
        {"model_type": "gpt2", "vocab_size": %d, "n_embd": 24, "n_layer": 2, "n_head": 2, "n_positions": %d, "initializer_range": 0.3,
         "seed": "5"}""".formatted(VOCABULARY, POSITIONS), kernels);
  }

  private static TransformerModel t5(Kernels kernels) {
    return model("""
        {"model_type": "t5", "vocab_size": %d, "d_model": 24, "d_kv": 8, "num_heads": 3, "d_ff": 40, "num_layers": 1, "n_positions": %d,
         "seed": "5"}""".formatted(VOCABULARY, POSITIONS), kernels);
  }

  private static List<int[]> prompts() {
    Random random = new Random(3);
    return IntStream.range(0, 9).mapToObj(i -> random.ints(1 + i * 3, 3, VOCABULARY).toArray()).toList();
  }

  private static List<int[]> generate(TransformerModel model, SamplingOptions options, TokenRules rules, int batch, int samples) {
    List<SampledText> texts = new ArrayList<>();
    List<int[]> prompts = prompts();
    for (int row = 0; row < prompts.size(); row++) {
      for (int sample = 0; sample < samples; sample++) {
        int[] source = Arrays.copyOf(prompts.get(row), Math.min(prompts.get(row).length, POSITIONS - 1));
        texts.add(model.config().isEncoderDecoder() ? SampledText.answer(source, CONTROL.begin(), row, sample, MOST)
            : SampledText.continuation(prompts.get(row), 0, row, sample, MOST));
      }
    }
    try (Session session = new Session(model, CONTROL)) {
      Sampling sampling = new Sampling(session, options, rules, CONTROL, 11);
      for (int from = 0; from < texts.size(); from += batch) {
        sampling.generate(texts.subList(from, Math.min(texts.size(), from + batch)), text -> false);
      }
    }
    return texts.stream().map(SampledText::newTokensCopy).toList();
  }

  private enum Products { PORTABLE, FLOAT32, BFLOAT16, INT8 }

  private static Kernels kernels(Products products) {
    return products == Products.PORTABLE ? new Nd4jKernels() : new CpuKernels(2, Precision.valueOf(products.name()));
  }

  @ParameterizedTest
  @EnumSource
  void aTextDoesNotDependOnItsBatch(Products products) {
    if (products == Products.INT8 && !CpuKernels.runsInt8()) {
      return;
    }
    for (TransformerModel model : List.of(gpt(kernels(products)), t5(kernels(products)))) {
      List<int[]> alone = generate(model, DRAWN, new TokenRules(1.1, 2), 1, 2);
      assertThat(alone.stream().map(Arrays::hashCode).distinct().count()).as("different texts").isGreaterThan(12);
      for (int batch : new int[] {7, 64}) {
        assertThat(generate(model, DRAWN, new TokenRules(1.1, 2), batch, 2)).as("%s, batches of %d", products, batch)
            .containsExactlyElementsOf(alone);
      }
    }
  }

  /** Without caches, batches and rules of the search: every token by a pass over the whole window, from the definition. */
  @Test
  void everyTokenIsDrawnFromTheDistributionAfterItsWindow() {
    TransformerModel model = gpt(new CpuKernels(2));
    TokenRules rules = new TokenRules(1.2, 4);
    List<int[]> texts = generate(model, DRAWN, rules, 64, 1);
    int slid = 0;
    for (int row = 0; row < texts.size(); row++) {
      int[] all = prompts().get(row);
      int[] window = naiveWindow(all, MOST);
      List<Integer> made = new ArrayList<>();
      while (made.size() < MOST) {
        float[] logits;
        try (Session session = new Session(model, CONTROL)) {
          logits = Arrays.copyOf(session.startLogits(List.of(window)), VOCABULARY);
        }
        rules.apply(logits, 0, 0, all, all.length, made.size(), CONTROL, new BitSet());
        logits[0] = Float.NEGATIVE_INFINITY;
        logits[1] = Float.NEGATIVE_INFINITY;
        int token = new TokenSampler(DRAWN, VOCABULARY).draw(logits, VOCABULARY, RandomDraw.uniform(11, row, 0, made.size()));
        if (token == END) {
          break;
        }
        made.add(token);
        all = with(all, token);
        window = with(window, token);
        if (window.length > POSITIONS) {
          window = naiveWindow(all, MOST - made.size());
          slid++;
        }
      }
      assertThat(texts.get(row)).as("prompt %d", row).containsExactly(made.stream().mapToInt(Integer::intValue).toArray());
    }
    assertThat(slid).as("texts that outgrew the network").isGreaterThan(4);
  }

  private static int[] naiveWindow(int[] all, int wanted) {
    int kept = all.length < POSITIONS ? all.length : Math.max(POSITIONS - 1 - wanted, POSITIONS / 2);
    return Arrays.copyOfRange(all, all.length - kept, all.length);
  }

  private static int[] with(int[] tokens, int token) {
    int[] more = Arrays.copyOf(tokens, tokens.length + 1);
    more[tokens.length] = token;
    return more;
  }

  @Test
  void windowsKeepTheFirstSpecialTokens() {
    int[] tokens = IntStream.range(0, 30).toArray();
    assertThat(SampledText.window(tokens, 1, 4, 30)).isSameAs(tokens);
    assertThat(SampledText.window(tokens, 1, 4, 15)).containsExactly(0, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
    assertThat(SampledText.window(tokens, 0, 100, 15)).containsExactly(22, 23, 24, 25, 26, 27, 28, 29);
    assertThat(SampledText.window(tokens, 3, 100, 1)).containsExactly(29);
  }

  @Test
  void drawingGreedilyIsABeamOfOne() {
    TransformerModel model = gpt(new CpuKernels(2));
    List<int[]> greedy = generate(model, SamplingOptions.GREEDY, new TokenRules(1, 0), 4, 1);
    try (Session session = new Session(model, CONTROL)) {
      // Only what fits into the network: a beam search does not go on with a part of the text.
      List<int[]> prompts = prompts().subList(0, 4);
      List<List<Hypothesis>> found = new BeamSearch(session, new DecodingOptions(1, 1, 1, 0, MOST, SearchRules.HUGGING_FACE), CONTROL)
          .translate(prompts);
      for (int i = 0; i < prompts.size(); i++) {
        int[] tokens = found.get(i).get(0).tokens();
        assertThat(tokens).isEqualTo(Arrays.copyOf(greedy.get(i), tokens.length)).isNotEmpty();
      }
    }
  }

  @Test
  void rulesChangeWhatABeamFinds() {
    TransformerModel model = gpt(new CpuKernels(2));
    List<int[]> prompts = prompts().subList(0, 3);
    DecodingOptions options = new DecodingOptions(3, 0.6, 3, 0, 8, SearchRules.HUGGING_FACE);
    try (Session session = new Session(model, CONTROL)) {
      List<List<Hypothesis>> plain = new BeamSearch(session, options, CONTROL).translate(prompts);
      List<List<Hypothesis>> none = new BeamSearch(new RuledDecoder(session, TokenRules.NONE,
          RuledDecoder.Penalized.LOG_PROBABILITIES, CONTROL), options, CONTROL).translate(prompts);
      for (int i = 0; i < prompts.size(); i++) {
        assertThat(none.get(i).stream().map(Hypothesis::tokens)).containsExactlyElementsOf(plain.get(i).stream().map(Hypothesis::tokens)
            .toList());
      }
      for (List<Hypothesis> each : beams(session, options, new TokenRules(1, 8), prompts)) {
        assertThat(each).allSatisfy(hypothesis -> assertThat(hypothesis.tokens()).hasSize(8));
      }
      // So large a penalty that no token comes twice, nor one of the prompt.
      List<List<Hypothesis>> penalized = beams(session, options, new TokenRules(1e6, 8), prompts);
      for (int i = 0; i < prompts.size(); i++) {
        int[] tokens = penalized.get(i).get(0).tokens();
        assertThat(tokens).doesNotHaveDuplicates().doesNotContain(prompts.get(i));
      }
      assertThat(plain.stream().map(each -> each.get(0).tokens())).anyMatch(tokens -> Arrays.stream(tokens).distinct().count()
          < tokens.length);
    }
  }

  private static List<List<Hypothesis>> beams(Session session, DecodingOptions options, TokenRules rules, List<int[]> prompts) {
    return new BeamSearch(session, options.with(rules), CONTROL).translate(prompts);
  }

  @Test
  void aTextEndsWhereTheCallerSaysSo() {
    TransformerModel model = gpt(new CpuKernels(2));
    SampledText text = SampledText.continuation(new int[] {5, 6}, 0, 0, 0, MOST);
    try (Session session = new Session(model, CONTROL)) {
      new Sampling(session, DRAWN, new TokenRules(1, MOST), CONTROL, 1).generate(List.of(text), each -> each.newTokens() == 3);
    }
    assertThat(text.newTokens()).isEqualTo(3);
    assertThat(text.lastNewTokens(2)).containsExactly(Arrays.copyOfRange(text.newTokensCopy(), 1, 3));
    assertThat(text.lastNewTokens(9)).isEqualTo(text.newTokensCopy());
  }
}
