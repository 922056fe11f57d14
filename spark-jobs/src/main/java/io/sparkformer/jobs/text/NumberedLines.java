package io.sparkformer.jobs.text;

import io.sparkformer.data.InvalidInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.LongWritable;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.mapreduce.lib.input.TextInputFormat;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;

/** The lines of a text file, plain or compressed (.gz, .bz2, .zst by its name), with their numbers. */
public final class NumberedLines {

    private NumberedLines() { }

    /**
     * Reads a file.
     *
     * @param file on any Hadoop file system
     * @param role what messages call it: {@code input}
     * @return line number, from 0, and text; in order
     * @throws InvalidInputException the file does not exist, or is a folder; and, when the lines are read, a line is not UTF-8
     */
    public static JavaPairRDD<Long, String> read(JavaSparkContext spark, Path file, String role) {
        checkIsFile(spark.hadoopConfiguration(), file, role);
        Configuration hadoop = new Configuration(spark.hadoopConfiguration());
        hadoop.set("textinputformat.record.delimiter", "\n");
        // A file name may hold what a list of glob patterns would take apart.
        String name = file.toString();
        return spark.newAPIHadoopFile(escaped(name), TextInputFormat.class, LongWritable.class, Text.class, hadoop)
                .map(record -> record._2.copyBytes())
                .zipWithIndex()
                .mapToPair(numbered -> new Tuple2<>(numbered._2, text(numbered._1, name, numbered._2)));
    }

    private static void checkIsFile(Configuration hadoop, Path file, String role) {
        try {
            FileSystem files = file.getFileSystem(hadoop);
            if (!files.exists(file)) {
                throw new InvalidInputException(role + " does not exist: " + file);
            }
            FileStatus status = files.getFileStatus(file);
            if (status.isDirectory()) {
                throw new InvalidInputException(role + " is a folder, where a text file is wanted: " + file);
            }
        } catch (IOException e) {
            throw new InvalidInputException(role + " cannot be read: " + file + ": " + e.getMessage(), e);
        }
    }

    private static String escaped(String name) {
        return name.replaceAll("[\\\\*?\\[\\]{},]", "\\\\$0");
    }

    private static String text(byte[] line, String file, long number) {
        int length = line.length > 0 && line[line.length - 1] == '\r' ? line.length - 1 : line.length;
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line, 0, length)).toString();
        } catch (CharacterCodingException e) {
            throw new InvalidInputException(file + " is not UTF-8: line " + (number + 1) + " has bytes that are no characters; "
                    + "convert it, for example with iconv", e);
        }
    }
}
