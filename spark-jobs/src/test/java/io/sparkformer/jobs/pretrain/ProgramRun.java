package io.sparkformer.jobs.pretrain;

import io.sparkformer.jobs.cli.JobProgram;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.jobs.config.TrainSettings;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What a run of the program in this process gave. */
record ProgramRun(int status, String output, String errors) {

  /**
   * Runs it.
   *
   * @param settings assignments, after which {@code --resume} may stand
   */
  static ProgramRun of(List<String> flags, List<String> settings, JobProgram.Work<TrainSettings> job) {
    List<String> args = new ArrayList<>(flags);
    settings.forEach(setting -> args.addAll(setting.equals(Pretraining.RESUME) ? List.of(setting) : List.of("-s", setting)));
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
      int status = PretrainJob.program().run(args.toArray(String[]::new), Settings::train, job);
      return new ProgramRun(status, output.toString(StandardCharsets.UTF_8), errors.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }
}
