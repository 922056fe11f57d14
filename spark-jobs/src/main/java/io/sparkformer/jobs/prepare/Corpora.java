package io.sparkformer.jobs.prepare;

import io.sparkformer.data.corpus.CleanedText;
import io.sparkformer.data.corpus.Cleaning;
import io.sparkformer.data.corpus.CleaningLimits;
import io.sparkformer.data.corpus.CleaningRule;
import io.sparkformer.data.corpus.DocumentCleaning;
import io.sparkformer.data.corpus.DocumentFormat;
import io.sparkformer.data.corpus.DocumentText;
import io.sparkformer.data.corpus.Languages;
import io.sparkformer.data.corpus.MinHash;
import io.sparkformer.data.corpus.ParallelText;
import io.sparkformer.data.corpus.TextFile;
import io.sparkformer.data.shard.DataPart;
import io.sparkformer.jobs.config.DocumentSettings;
import io.sparkformer.jobs.config.PrepareSettings;
import io.sparkformer.jobs.config.PrepareSettings.CleanSettings;
import io.sparkformer.jobs.config.PrepareSettings.CorpusText;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** Opens the text that the settings name, with the rules of cleaning for it: all for training text, few for validation text. */
final class Corpora {

  private Corpora() {
  }

  static Corpus open(SparkSession spark, PrepareSettings settings, CorpusText text, DataPart part) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    if (text instanceof CorpusText.Documents documents) {
      return new Documents(DocumentText.open(context, documents.name(), documents.format(), documents.column()),
        part == DataPart.TRAIN ? cleaning(context, documents) : new DocumentCleaning(Set.of(), MinHash.USUAL, Optional.empty()));
    }
    CleaningLimits limits = part == DataPart.TRAIN ? limits(settings.clean()) : CleaningLimits.VALIDATION;
    if (text instanceof CorpusText.AlignedFiles files) {
      return new Pairs(new ParallelText.AlignedFiles(TextFile.open(context, files.source()), TextFile.open(context, files.target())),
        new Cleaning(limits));
    }
    CorpusText.TabSeparated tsv = (CorpusText.TabSeparated) text;
    return new Pairs(new ParallelText.TabSeparatedFile(TextFile.open(context, tsv.file()), tsv.sourceColumn(), tsv.targetColumn()),
      new Cleaning(limits));
  }

  private static DocumentCleaning cleaning(JavaSparkContext context, CorpusText.Documents documents) {
    DocumentSettings cleaning = documents.cleaning();
    return new DocumentCleaning(cleaning.rules(), cleaning.lineRules(), cleaning.nearness(),
      cleaning.languages().isEmpty() ? Optional.empty() : Optional.of(Languages.of(cleaning.languages())),
      Optional.ofNullable(cleaning.test()).map(test -> DocumentText.open(context, test, DocumentFormat.FILE, documents.column())));
  }

  private static CleaningLimits limits(CleanSettings clean) {
    EnumSet<CleaningRule> rules = EnumSet.of(CleaningRule.EMPTY, CleaningRule.TOO_LONG, CleaningRule.LENGTH_RATIO);
    if (clean.dropIdenticalSides()) {
      rules.add(CleaningRule.IDENTICAL_SIDES);
    }
    if (clean.dropDuplicates()) {
      rules.add(CleaningRule.DUPLICATE_PAIR);
    }
    return new CleaningLimits(clean.maxWords(), clean.maxCharacters(), clean.maxLengthRatio(), rules);
  }

  private record Pairs(ParallelText text, Cleaning cleaning) implements Corpus {

    @Override
    public String files() {
      return text.files();
    }

    @Override
    public long estimatedBytes() {
      return text.estimatedBytes();
    }

    @Override
    public CleanedText clean(SparkSession spark) {
      return cleaning.clean(spark, text);
    }
  }

  private record Documents(DocumentText text, DocumentCleaning cleaning) implements Corpus {

    @Override
    public String files() {
      return text.files();
    }

    @Override
    public long estimatedBytes() {
      return text.estimatedBytes();
    }

    @Override
    public CleanedText clean(SparkSession spark) {
      return cleaning.clean(spark, text);
    }
  }
}
