/**
 * The settings of a run: a HOCON file and command-line assignments in, immutable checked records out.
 *
 * <p>{@code conf/base.conf}, which the job jar carries as {@code io/sparkformer/jobs/config/base.conf}, holds every key with its
 * default. {@link io.sparkformer.jobs.config.Settings} (read this class first) lays a run's file and then the command line's
 * {@code key=value} assignments over it; between the two and base.conf stand a job's own defaults, if it has any
 * ({@code conf/finetune.conf}). A key that base.conf lacks, a value of another type and a value out of its range are
 * {@link io.sparkformer.jobs.config.InvalidSettingException}s whose one-line message names key, value, file and line, and a fix.
 *
 * <p>Each job asks for its record once ({@link io.sparkformer.jobs.config.Settings#prepare}, {@code model}, {@code train},
 * {@code translate}, {@code evaluate}); nothing below a job's main reads keys. Records are serializable, so that tasks may carry
 * them (of evaluate its two parts). What base.conf leaves {@code null} and a job needs is asked for when its record is made.
 *
 * <p>The type of a key is that of its default: a number with a point is a decimal, one without an integer, {@code 10s} a duration
 * (a number with a unit: ms, s, m, h, d), {@code true} a switch, anything else text; {@code null} stands for text, and may be set
 * again. Files may use all of HOCON: {@code include "other.conf"} beside a local file, and {@code ${VARIABLE}} for the
 * environment. Values that hold {@code :} or {@code //} need quotes in a file, and none on the command line.
 */
package io.sparkformer.jobs.config;
