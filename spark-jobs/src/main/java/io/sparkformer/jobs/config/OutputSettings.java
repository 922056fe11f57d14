package io.sparkformer.jobs.config;

import java.io.Serializable;
import java.util.List;
import org.apache.hadoop.fs.Path;

/**
 * Where a job writes.
 *
 * @param path a file or folder
 * @param overwrite whether one that exists is replaced
 * @param inputs everything that the job was given to read, and that therefore is never replaced: every file or folder that one of its
 *     settings names, the configuration files, and the files that {@link ProcessFiles} finds
 */
public record OutputSettings(Path path, boolean overwrite, List<Path> inputs) implements Serializable {
}
