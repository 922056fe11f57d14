package io.sparkformer.jobs.embed;

import io.sparkformer.data.tokenizer.InputEncoder.Encoded;
import io.sparkformer.jobs.model.SharedModel;
import io.sparkformer.model.batch.Sequences;
import io.sparkformer.model.decode.TranslationBatches;
import io.sparkformer.model.graph.TransformerModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Makes vectors of texts on one thread: cuts them into tokens, sorts them by length, packs as many as a batch holds without padding, and
 * pools what the network says of their tokens.
 */
final class TextEmbedder {

  private final SharedModel model;
  private final EmbeddingForm form;
  private final TranslationBatches batches;

  /** @param batchTokens tokens that the network reads at a time */
  TextEmbedder(SharedModel model, EmbeddingForm form, int batchTokens) {
    this.model = model;
    this.form = form;
    this.batches = new TranslationBatches(batchTokens, 1);
  }

  /** The vectors of texts, in their order; of one without a token of its own {@link Embedding#NONE}. */
  List<Embedding> embed(List<String> texts) {
    List<Encoded> encoded = model.encoder().encode(texts.stream().map(this::prepared).toList(), form.maxLength());
    int[] places = new int[texts.size()];
    List<int[]> inputs = new ArrayList<>();
    for (int place = 0; place < texts.size(); place++) {
      if (encoded.get(place).textTokens() > 0) {
        places[inputs.size()] = place;
        inputs.add(encoded.get(place).ids());
      }
    }
    Embedding[] embeddings = new Embedding[texts.size()];
    Arrays.fill(embeddings, Embedding.NONE);
    TransformerModel network = model.borrow();
    try {
      for (int[] batch : batches.pack(inputs)) {
        float[][] vectors = network.pooled(Sequences.pack(Arrays.stream(batch).mapToObj(inputs::get).toList(), 0), form.pooling())
            .toFloatMatrix();
        for (int i = 0; i < batch.length; i++) {
          int place = places[batch[i]];
          embeddings[place] = new Embedding(form.normalized() ? normalized(vectors[i]) : vectors[i], encoded.get(place).ids().length,
              encoded.get(place).cutOff());
        }
      }
    } finally {
      model.giveBack(network);
    }
    return List.of(embeddings);
  }

  private String prepared(String text) {
    return form.lowerCase() ? text.strip().toLowerCase(Locale.ROOT) : text.strip();
  }

  /** Divided by its L2 norm; zeros stay. */
  private static float[] normalized(float[] vector) {
    double squares = 0;
    for (float value : vector) {
      squares += (double) value * value;
    }
    double inverse = squares == 0 ? 0 : 1 / Math.sqrt(squares);
    for (int i = 0; i < vector.length; i++) {
      vector[i] *= (float) inverse;
    }
    return vector;
  }
}
