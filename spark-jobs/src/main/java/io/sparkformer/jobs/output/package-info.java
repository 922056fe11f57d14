/**
 * What jobs write, on any Hadoop file system: an output is there whole, or not at all.
 *
 * <p>Read {@link io.sparkformer.jobs.output.StagedOutput} first: an output is made in a hidden folder beside its place, and gets its name
 * when it is whole. {@link io.sparkformer.jobs.output.OutputTarget} says what may be replaced: only what
 * {@link io.sparkformer.jobs.output.OutputKind} recognizes as the output of such a job, never what the job reads, however it is spelled
 * ({@link io.sparkformer.jobs.output.Location}). {@link io.sparkformer.jobs.output.OutputFolder} checks at the start of a job that it can
 * write; {@link io.sparkformer.jobs.output.NumberedFile} is for files of which every start of a job adds one.
 *
 * <p><b>Object stores</b> (S3 and the like) rename a folder file by file. Therefore the file that makes a folder whole (its seal:
 * {@code manifest.json} of prepared data, {@code _SUCCESS} of a table) is moved last: a folder without it is not finished. A text is one
 * object, which appears at once. Where renaming is atomic (local disks, NFS, HDFS) a folder but for its seal appears at once, too.
 */
package io.sparkformer.jobs.output;
