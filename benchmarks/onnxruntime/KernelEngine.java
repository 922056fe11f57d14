import io.sparkformer.model.batch.Sequences;
import io.sparkformer.model.decode.TranslationBatches;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.hub.HubFolder;
import io.sparkformer.model.kernel.KernelChoice;
import io.sparkformer.model.kernel.KernelSelection;
import io.sparkformer.model.kernel.PoolingKernel;
import io.sparkformer.model.kernel.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/** The project's network, as the job embed runs it: batches without padding, one graph. */
final class KernelEngine implements EmbeddingBench.Engine {
  private final TransformerModel model;

  KernelEngine(Path folder, Precision precision, int threads) throws IOException {
    HubFolder hub = HubFolder.open(new Configuration(), new org.apache.hadoop.fs.Path(folder.toUri()));
    model = TransformerModel.create(hub.config().network().withoutDropout(),
        KernelSelection.select(KernelChoice.CPU, precision, threads));
    hub.readInto(model);
    System.out.println(model.kernels().description());
  }

  @Override
  public float[][] embed(List<int[]> sentences, int batchTokens) {
    float[][] vectors = new float[sentences.size()][];
    for (int[] places : new TranslationBatches(batchTokens, 1).pack(sentences)) {
      float[][] batch = model.pooled(Sequences.pack(Arrays.stream(places).mapToObj(sentences::get).toList(), 0),
          PoolingKernel.Kind.MEAN).toFloatMatrix();
      for (int i = 0; i < places.length; i++) {
        EmbeddingBench.normalize(batch[i]);
        vectors[places[i]] = batch[i];
      }
    }
    return vectors;
  }
}
