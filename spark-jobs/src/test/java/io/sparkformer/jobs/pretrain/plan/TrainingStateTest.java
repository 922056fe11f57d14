package io.sparkformer.jobs.pretrain.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.data.shard.BatchPlan;
import io.sparkformer.data.shard.RowCuts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingStateTest {
  private static final TrainingState BEGINNING = TrainingState.beginning(new BatchPlan(1, 100, 100), "data");

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void aLossThatIsNotFiniteIsNeverTheBest(double loss) {
    assertThat(BEGINNING.isImprovedBy(loss)).isFalse();
    TrainingState after = BEGINNING.afterValidation(loss);
    assertThat(after.bestNll()).isNull();
    assertThat(after.validationsSinceBest()).isEqualTo(1);
    assertThat(after.isImprovedBy(5)).isTrue();
    TrainingState best = after.afterValidation(5);
    assertThat(best.afterValidation(loss).bestNll()).isEqualTo(5);
    assertThat(best.afterValidation(loss).validationsSinceBest()).isEqualTo(1);
  }

  @Test
  void aCheckpointOfAnEarlierVersionMayHoldNaN() throws Exception {
    String json = BEGINNING.afterValidation(5).toJson().toString().replace("5.0", "\"NaN\"");
    TrainingState state = TrainingState.fromJson(new ObjectMapper().readTree(json));
    assertThat(state.bestNll()).isNull();
    assertThat(state.isImprovedBy(7)).isTrue();
  }

  @Test
  void aCheckpointOfAnEarlierVersionHasRowsAsTheyAreStored() {
    BatchPlan random = new BatchPlan(1, 100, 100, 0, RowCuts.RANDOM);
    JsonNode json = TrainingState.beginning(random, "data").toJson();
    assertThat(TrainingState.fromJson(json).plan()).isEqualTo(random);
    assertThat(((ObjectNode) json.get("plan")).remove("row_cuts").asText()).isEqualTo("random");
    assertThat(TrainingState.fromJson(json).plan()).isEqualTo(new BatchPlan(1, 100, 100, 0, RowCuts.FIXED));
  }
}
