package io.sparkformer.jobs.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.jobs.LocalSpark;
import io.sparkformer.jobs.config.Assignment;
import io.sparkformer.jobs.config.ModelChoice;
import io.sparkformer.jobs.config.Settings;
import io.sparkformer.model.batch.Batch;
import io.sparkformer.model.batch.Sequences;
import io.sparkformer.model.graph.TransformerModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class SharedModelTest {
  private static final Configuration HADOOP = new Configuration();

  @RegisterExtension
  static final LocalSpark SPARK = LocalSpark.of(2);

  @TempDir
  private static Path folder;

  private static TinyModelFolder tiny;

  @BeforeAll
  static void writeCheckpoints() throws IOException {
    tiny = TinyModelFolder.write(SPARK.session(), folder, List.of("line", "seven and other"));
    for (int i = 1; i <= 3; i++) {
      tiny.writeModel(TinyModelFolder.VOCABULARY, 1000 * i, i);
    }
  }

  private static float[] parameters(ModelChoice choice) throws IOException {
    SharedModel shared = SharedModel.of(ModelLocation.find(HADOOP, choice));
    TransformerModel model = shared.borrow();
    float[] parameters = model.parameters().toFloatVector();
    shared.giveBack(model);
    return parameters;
  }

  private static float[] parametersOfStep(int step) throws IOException {
    org.apache.hadoop.fs.Path checkpoint = new org.apache.hadoop.fs.Path(tiny.model(), "checkpoints/step-0000" + step);
    return parameters(new ModelChoice(checkpoint, 1, tiny.choice(1).compute()));
  }

  @Test
  void equalLocationsAreOneModelInMemory() throws IOException {
    assertThat(SharedModel.of(ModelLocation.find(HADOOP, tiny.choice(2))))
        .isSameAs(SharedModel.of(ModelLocation.find(HADOOP, tiny.choice(2))));
  }

  @Test
  void networksOfAProcessShareParametersAndRoundedWeights() throws IOException {
    ModelChoice choice = new ModelChoice(tiny.choice(1).path(), 1,
        Settings.defaults().with(List.of(Assignment.parse("kernels=cpu"), Assignment.parse("precision=bfloat16"))).compute());
    SharedModel shared = SharedModel.of(ModelLocation.find(HADOOP, choice));
    TransformerModel first = shared.borrow();
    TransformerModel second = shared.borrow();
    Batch batch = new Batch(Sequences.pack(List.of(new int[] {5, 6, 7}), 0), Sequences.pack(List.of(new int[] {1, 8}), 0), Map.of());
    float[] output = first.output(batch).ravel().toFloatVector();
    long bytes = first.kernels().derived().bytes();
    assertThat(second).isNotSameAs(first);
    assertThat(second.output(batch).ravel().toFloatVector()).isEqualTo(output);
    assertThat(bytes).isPositive();
    assertThat(List.of(first.kernels().derived().bytes(), second.kernels().derived().bytes())).containsOnly(bytes);
    assertThat(second.parameters().data().pointer().address()).isEqualTo(first.parameters().data().pointer().address());
    shared.giveBack(first);
    assertThat(shared.borrow()).isSameAs(first);
  }

  @Test
  void averagedModelIsTheMeanOfTheNewestCheckpoints() throws IOException {
    float[] averaged = parameters(tiny.choice(3));
    float[] first = parametersOfStep(1000);
    float[] second = parametersOfStep(2000);
    float[] third = parametersOfStep(3000);
    assertThat(first).isNotEqualTo(second);
    for (int i = 0; i < averaged.length; i++) {
      assertThat(averaged[i]).isCloseTo((first[i] + second[i] + third[i]) / 3, Offset.offset(1e-6f));
    }
  }

  @Test
  void averagingMoreCheckpointsThanThereAreSaysHowManyThereAre() {
    assertThatThrownBy(() -> ModelLocation.find(HADOOP, tiny.choice(9))).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Cannot average 9 checkpoints: found 4").hasMessageContaining("train.checkpoint.keep");
  }
}
