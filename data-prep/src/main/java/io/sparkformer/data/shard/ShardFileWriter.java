package io.sparkformer.data.shard;

import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.OutputFile;

/**
 * Writes one shard file under a name of its own and renames it when it is complete, so that a task that runs twice, or dies,
 * never leaves half a shard under the final name.
 */
final class ShardFileWriter implements AutoCloseable {

  /** Attempts that did not finish carry this prefix; Spark and Hive pass over such files. */
  static final String ATTEMPT_PREFIX = "_attempt-";

  private final Configuration hadoop;
  private final Path dataFolder;
  private final String file;
  private final Path attempt;
  private final DigestOutputFile output;
  private final ParquetWriter<Example> parquet;
  private final ShardStatistics statistics;
  private final ExampleDigest content = new ExampleDigest();
  private boolean renamed;

  /** A finished file. */
  record Written(Shard shard, ShardStatistics statistics) implements Serializable {
  }

  /**
   * @param kind of all examples in it
   * @param file name below the folder, as {@link Shard#file()}
   * @param attemptId distinguishes tasks that write the same shard
   */
  ShardFileWriter(Configuration hadoop, Path dataFolder, ExampleKind kind, String file, long attemptId) throws IOException {
    this.hadoop = hadoop;
    this.statistics = new ShardStatistics(kind);
    this.dataFolder = dataFolder;
    this.file = file;
    Path target = new Path(dataFolder, file);
    this.attempt = new Path(target.getParent(), ATTEMPT_PREFIX + attemptId + "-" + target.getName());
    this.output = new DigestOutputFile(HadoopOutputFile.fromPath(attempt, hadoop));
    // Ids in one encoding only: Parquet lists the encodings of a column in the order of a hash set, another in every process.
    this.parquet = new Builder(output, kind)
      .withConf(hadoop)
      .withWriterVersion(ParquetProperties.WriterVersion.PARQUET_2_0)
      .withDictionaryEncoding(false)
      .withWriteMode(ParquetFileWriter.Mode.OVERWRITE)
      .withCompressionCodec(CompressionCodecName.ZSTD)
      .withRowGroupRowCountLimit(ShardSchema.ROW_GROUP_EXAMPLES)
      .build();
  }

  void write(Example example) throws IOException {
    parquet.write(example);
    statistics.add(example);
    content.add(example);
  }

  /**
   * Completes the file and gives it its name.
   */
  Written finish() throws IOException {
    parquet.close();
    Path target = new Path(dataFolder, file);
    FileSystem files = target.getFileSystem(hadoop);
    files.delete(target, false);
    if (!files.rename(attempt, target)) {
      throw new IOException("Cannot rename " + attempt + " to " + target);
    }
    renamed = true;
    return new Written(statistics.shard(file, output.bytes(), output.sha256(), content.sha256()), statistics);
  }

  /**
   * Removes what was written if {@link #finish()} did not complete.
   */
  @Override
  public void close() throws IOException {
    if (!renamed) {
      try {
        parquet.close();
      } finally {
        attempt.getFileSystem(hadoop).delete(attempt, false);
      }
    }
  }

  private static final class Builder extends ParquetWriter.Builder<Example, Builder> {

    private final ExampleKind kind;

    Builder(OutputFile file, ExampleKind kind) {
      super(file);
      this.kind = kind;
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    protected WriteSupport<Example> getWriteSupport(Configuration configuration) {
      return new ExampleWriteSupport(kind);
    }
  }
}
