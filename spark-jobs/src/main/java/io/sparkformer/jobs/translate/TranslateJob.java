package io.sparkformer.jobs.translate;

import io.sparkformer.data.corpus.LineCounts;
import io.sparkformer.data.corpus.TextFile;
import io.sparkformer.jobs.config.TranslateSettings;
import io.sparkformer.jobs.text.PartFolder;
import io.sparkformer.jobs.text.PartFolder.Existing;
import io.sparkformer.jobs.text.PartPlan;
import io.sparkformer.model.decode.DecodingOptions;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Translates a text file, or a column of a table. */
public final class TranslateJob {

    private final SparkSession session;
    private final JavaSparkContext spark;
    private final TranslateSettings settings;
    private final TranslationTask task;

    /** A job that translates with the model of a source. */
    public TranslateJob(SparkSession session, TranslateSettings settings, TranslationModelSource source) {
        this.session = session;
        this.spark = new JavaSparkContext(session.sparkContext());
        this.settings = settings;
        DecodingOptions options = new DecodingOptions(settings.beam(), settings.lengthPenalty(), settings.nBest(),
                settings.maxLengthFactor(), settings.maxLengthExtra());
        this.task = new TranslationTask(source, options, settings.batchTokens(), TranslationCounters.on(session.sparkContext()));
    }

    /**
     * Translates.
     *
     * @return a line that sums up what was done
     * @throws io.sparkformer.data.InvalidInputException the input is missing, not UTF-8 or has no such column, or the output exists
     */
    public String translate() throws IOException {
        Existing existing = settings.overwrite() ? Existing.REPLACE : Existing.REFUSE;
        PartFolder.check(spark.hadoopConfiguration(), settings.output(), existing);
        return settings.format().equals("text") ? translateText(existing) : translateTable(existing);
    }

    private String translateText(Existing existing) throws IOException {
        TextFile input = TextFile.open(spark, settings.input());
        LineCounts counts = input.count();
        JavaPairRDD<Long, String> lines = input.numberedLines(counts).mapToPair(line -> line);
        PartPlan plan = PartPlan.of(counts.total(), slots());
        PartFolder output = PartFolder.create(hadoop(), settings.output(), existing);
        try (TranslationProgress progress = new TranslationProgress(task.counters(), plan.total())) {
            new TextTranslation(spark, task).translate(lines, plan, output);
            return progress.summary();
        }
    }

    private String translateTable(Existing existing) throws IOException {
        TableTranslation translation = new TableTranslation(session, task, settings.format());
        Dataset<Row> table = translation.read(settings.input(), settings.column(), settings.outputColumn());
        JavaPairRDD<Long, Row> rows = TableTranslation.numbered(table);
        PartPlan plan = PartPlan.of(rows.count(), slots());
        PartFolder output = PartFolder.create(hadoop(), settings.output(), existing);
        try (TranslationProgress progress = new TranslationProgress(task.counters(), plan.total())) {
            translation.translate(rows, table.schema(), settings.column(), settings.outputColumn(), plan, output);
            return progress.summary();
        }
    }

    private Configuration hadoop() {
        return spark.hadoopConfiguration();
    }

    /** Tasks that run at the same time. */
    private int slots() {
        return Math.max(1, spark.defaultParallelism() / spark.getConf().getInt("spark.task.cpus", 1));
    }
}
