package io.sparkformer.jobs.bench;

import io.sparkformer.model.architecture.FamilySettings;
import io.sparkformer.model.architecture.SpecialTokens;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.objective.NextToken;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * What a benchmark trains: a network, and random batches of full-length sequences for it.
 *
 * @param name for the last line of the report
 * @param batch sequences of a step
 * @param time tokens of each that are predicted
 * @param batches the batch of a step, made of random tokens
 */
record Workload(String name, NetworkConfig network, int batch, int time, Function<Random, Batch> batches) {
  private static final SpecialTokens TOKENS = new SpecialTokens(0, 1, 2);
  private static final int FIRST_WORD = 5;
  /** The network of about 130 million parameters of a family. */
  private static final Map<String, String> PRESETS = Map.of("gpt2", "gpt2", "llama", "smollm2-135m");
  /** Without dropout of attention weights, as the paper's: then other libraries may use their fused attention. */
  private static final Map<String, Map<String, Object>> KEYS = Map.of("gpt2", Map.of("attn_pdrop", 0.0));

  /** {@link BenchNetwork#paper} on pairs of sentences; their length counts the end token. */
  static Workload paper(int dModel, int layers, int vocabulary, int batch, int time) {
    return new Workload("d_model=%d layers=%d vocab=%d".formatted(dModel, layers, vocabulary),
        BenchNetwork.paper(dModel, layers, vocabulary, Math.max(512, time)), batch, time,
        random -> BenchNetwork.PAIRS.batch(sequences(random, batch, time - 1, vocabulary),
            sequences(random, batch, time - 1, vocabulary), 0, 0));
  }

  /**
   * A published language model of a family, which predicts every next token.
   *
   * @param preset null for the family's network of about 130 million parameters
   */
  static Workload languageModel(String architecture, String preset, int batch, int time) {
    String name = preset == null ? PRESETS.get(architecture) : preset;
    if (name == null) {
      throw new IllegalArgumentException("No network of about 130 million parameters is known for %s; name one with --preset"
          .formatted(architecture));
    }
    FamilySettings settings = new FamilySettings(architecture, name, KEYS.getOrDefault(architecture, Map.of()));
    int vocabulary = settings.publishedVocabulary();
    NetworkConfig network = settings.config(vocabulary, TOKENS, 1).network();
    NextToken nextToken = new NextToken();
    return new Workload("%s layers=%d vocab=%d".formatted(name, network.decoder().layers().size(), vocabulary), network, batch, time,
        random -> nextToken.batch(sequences(random, batch, time + 1, vocabulary), 0));
  }

  private static List<int[]> sequences(Random random, int count, int length, int vocabulary) {
    return IntStream.range(0, count).mapToObj(i -> random.ints(length, FIRST_WORD, vocabulary).toArray()).toList();
  }
}
