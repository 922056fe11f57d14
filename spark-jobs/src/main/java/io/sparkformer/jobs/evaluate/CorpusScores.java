package io.sparkformer.jobs.evaluate;

import io.sparkformer.data.corpus.ParallelText;
import io.sparkformer.data.corpus.TextFile;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * BLEU and chrF2 of a file of translations against a file of references, of which no process holds more than a few lines.
 *
 * @param segments lines of either file
 * @param bleu BLEU and its parts
 * @param bleuSignature {@link Bleu#signature}
 * @param chrF2 0 to 100
 * @param chrF2Signature {@link ChrF#signature}
 */
public record CorpusScores(long segments, BleuScore bleu, String bleuSignature, double chrF2, String chrF2Signature) {

  /** What tasks add up. */
  private record Statistics(long segments, BleuStatistics bleu, ChrFStatistics chrF) implements Serializable {

    static final Statistics NONE = new Statistics(0, BleuStatistics.NONE, ChrFStatistics.NONE);

    Statistics plus(Statistics that) {
      return new Statistics(segments + that.segments, bleu.plus(that.bleu), chrF.plus(that.chrF));
    }
  }

  /**
   * Scores two aligned files.
   *
   * @param hypotheses translations, a sentence a line, as {@link TextFile#open} takes it
   * @param references likewise
   * @throws io.sparkformer.data.InvalidInputException a file is missing, empty or not UTF-8, or they have different numbers of lines
   */
  public static CorpusScores of(SparkSession spark, Path hypotheses, Path references, Casing casing, WordTokenization tokenization) {
    Bleu bleu = new Bleu(casing, tokenization);
    ChrF chrF = new ChrF(casing);
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    context.sc().setJobDescription("evaluate: BLEU and chrF2 of " + hypotheses);
    Statistics sum = new ParallelText.AlignedFiles(TextFile.open(context, hypotheses), TextFile.open(context, references)).read(spark)
        .select(ParallelText.SOURCE, ParallelText.TARGET).javaRDD()
        .mapPartitions(rows -> List.of(statistics(rows, bleu, chrF)).iterator())
        .treeReduce(Statistics::plus);
    return new CorpusScores(sum.segments, bleu.score(sum.bleu), bleu.signature(), chrF.score(sum.chrF), chrF.signature());
  }

  private static Statistics statistics(Iterator<Row> rows, Bleu bleu, ChrF chrF) {
    Statistics sum = Statistics.NONE;
    while (rows.hasNext()) {
      Row row = rows.next();
      String hypothesis = row.getString(0);
      String reference = row.getString(1);
      sum = sum.plus(new Statistics(1, bleu.statistics(hypothesis, reference), chrF.statistics(hypothesis, reference)));
    }
    return sum;
  }
}
