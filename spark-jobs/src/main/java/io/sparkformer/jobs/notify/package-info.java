/**
 * Tells somebody else what happens to a run: {@link io.sparkformer.jobs.notify.Notifier} starts a command or posts to a URL for each
 * {@link io.sparkformer.jobs.pretrain.report.RunEvent}, on a thread of its own, so that a run does not wait for the other end.
 *
 * <p><b>Message</b>: a JSON object with {@code run} (the output folder), {@code event} ({@code finished}, {@code failed},
 * {@code restarted} or {@code skipped}), {@code step}, {@code text} (a line for people) and {@code time} (milliseconds since 1970). A URL
 * gets it as the body of a POST; a command as the environment variable {@code SPARKFORMER_MESSAGE}, and each part of it as
 * {@code SPARKFORMER_RUN}, {@code SPARKFORMER_EVENT}, {@code SPARKFORMER_STEP} and {@code SPARKFORMER_TEXT}.
 */
package io.sparkformer.jobs.notify;
