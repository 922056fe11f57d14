package io.sparkformer.data.corpus;

import static io.sparkformer.data.corpus.DocumentText.LINE;
import static io.sparkformer.data.corpus.DocumentText.TEXT;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.min;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Finds documents that are nearly the same as an earlier one: those that have all hashes of a band of their {@link MinHash} in common with
 * it. Spark shuffles a number for each band of each document; the driver holds nothing.
 */
final class NearDuplicates {

  private static final String BAND = "band";
  private static final String KEY = "key";
  private static final String FIRST = "first";
  private static final StructType BANDS = new StructType().add(LINE, DataTypes.LongType).add(BAND, DataTypes.IntegerType)
    .add(KEY, DataTypes.LongType);

  private final MinHash hash;

  NearDuplicates(MinHash hash) {
    this.hash = hash;
  }

  /**
   * @param documents table of {@link DocumentText}
   * @return the documents without an earlier one that is nearly the same
   */
  Dataset<Row> removed(Dataset<Row> documents) {
    MinHash shipped = hash;
    Dataset<Row> bands = documents.sparkSession().createDataFrame(
      documents.select(LINE, TEXT).toJavaRDD().mapPartitions(rows -> bands(rows, shipped)), BANDS);
    // The first document of each group that shares a band. A document is dropped if it is not the first in one of its groups.
    Dataset<Row> first = bands.groupBy(BAND, KEY).agg(min(LINE).as(FIRST), org.apache.spark.sql.functions.count(LINE).as("size"))
      .filter(col("size").gt(1)).drop("size");
    Dataset<Row> later = bands.join(first, new String[] {BAND, KEY}).filter(col(FIRST).lt(col(LINE))).select(LINE).distinct();
    return documents.join(later, documents.col(LINE).equalTo(later.col(LINE)), "leftanti");
  }

  private static Iterator<Row> bands(Iterator<Row> rows, MinHash hash) {
    return new Iterator<>() {
      private Iterator<Row> bands = List.<Row>of().iterator();

      @Override
      public boolean hasNext() {
        while (!bands.hasNext() && rows.hasNext()) {
          Row row = rows.next();
          long[] keys = hash.bands(row.getString(1));
          List<Row> list = new ArrayList<>(keys.length);
          for (int band = 0; band < keys.length; band++) {
            list.add(RowFactory.create(row.getLong(0), band, keys[band]));
          }
          bands = list.iterator();
        }
        return bands.hasNext();
      }

      @Override
      public Row next() {
        hasNext();
        return bands.next();
      }
    };
  }
}
