package io.sparkformer.jobs.convert;

import io.sparkformer.jobs.cli.JobProgram;
import io.sparkformer.jobs.config.ConvertSettings;
import io.sparkformer.jobs.config.OutputSettings;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.output.Existing;
import io.sparkformer.jobs.output.OutputKind;
import io.sparkformer.jobs.output.OutputTarget;
import io.sparkformer.jobs.output.StagedOutput;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.checkpoint.CheckpointStore;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.hub.Companions;
import io.sparkformer.model.hub.FirstVersion;
import io.sparkformer.model.hub.HubFolder;
import io.sparkformer.model.hub.HubWriter;
import io.sparkformer.model.hub.ModelTensors;
import io.sparkformer.model.hub.TensorType;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import java.io.IOException;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The program that convert.sh starts: reads a model, checks it, and writes it as a model folder. */
public final class ConvertJob {
  private static final Logger LOG = LoggerFactory.getLogger(ConvertJob.class);

  private ConvertJob() {}

  /** The program. */
  public static void main(String[] args) {
    JobProgram.named("convert", "Writes a model as a folder that Hugging Face's loaders read.")
        .group("Model")
        .flag("--from", "convert.from", "FOLDER", "a model folder, a training output (its best checkpoint is used) or a checkpoint")
        .flag("--to", "convert.to", "FOLDER", "the folder to write")
        .flag("--dtype", "convert.dtype", "float32|float16|bfloat16", "type of the elements, rounded to the nearest")
        .switchFlag("--overwrite", "convert.overwrite", "replace a folder that is there")
        .example("convert.sh --from out/run --to out/model --dtype bfloat16")
        .main(args, Settings::convert,
            (run, settings) -> convert(run.spark().sparkContext().hadoopConfiguration(), settings));
  }

  /** The job without a command line. */
  static void convert(Configuration hadoop, ConvertSettings settings) throws IOException {
    OutputSettings to = settings.to();
    OutputTarget target = new OutputTarget(to.path(), OutputKind.MODEL, Existing.of(to.overwrite()), to.inputs());
    try (StagedOutput output = new StagedOutput(hadoop, target)) {
      HubFolder folder = HubFolder.open(hadoop, modelFolder(hadoop, settings.from()));
      ModelConfig config = folder.config();
      TransformerModel model = TransformerModel.create(config.network().withoutDropout(), new Nd4jKernels());
      folder.readInto(model);
      if (config.isOfFirstVersion()) {
        config = FirstVersion.marian(config);
        TransformerModel first = model;
        model = TransformerModel.create(config.network().withoutDropout(), new Nd4jKernels());
        FirstVersion.rewrite(first, model);
      }
      FileSystem files = output.path().getFileSystem(hadoop);
      new HubWriter(TensorType.ofTorchName(settings.dtype())).write(files, output.path(), config, ModelTensors.of(config, model).all());
      folder.copyCompanions(files, output.path());
      if (folder.config().isOfFirstVersion()) {
        Companions.complete(files, output.path(), config);
      }
      output.commit();
      LOG.info(String.format(Locale.ROOT, "model: %s (%s, %,d parameters)", to.path(), settings.dtype(), model.parameters().length()));
    }
  }

  /** A training output holds its models in checkpoints, which are verified. */
  private static Path modelFolder(Configuration hadoop, Path from) throws IOException {
    return CheckpointStore.isPlainModel(hadoop, from) ? from : CheckpointStore.resolveModel(hadoop, from, LOG::warn).path();
  }
}
