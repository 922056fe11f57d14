package io.sparkformer.model.graph;

import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.AllocationPolicy;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.memory.enums.ResetPolicy;
import org.nd4j.linalg.api.memory.enums.SpillPolicy;
import org.nd4j.linalg.factory.Nd4j;

/** The memory of one forward pass without gradients: everything is allocated in one workspace of the thread, and gone at its end. */
final class InferenceSpace implements AutoCloseable {
  private static final String NAME = "SPARKFORMER_INFERENCE";
  private static final WorkspaceConfiguration CONFIGURATION = WorkspaceConfiguration.builder()
      .initialSize(0)
      .overallocationLimit(0.1)
      .policyAllocation(AllocationPolicy.OVERALLOCATE)
      .policyLearning(LearningPolicy.FIRST_LOOP)
      .policyReset(ResetPolicy.BLOCK_LEFT)
      .policySpill(SpillPolicy.REALLOCATE)
      .build();

  private final LayerWorkspaceMgr manager;
  private final MemoryWorkspace workspace;

  private InferenceSpace() {
    manager = LayerWorkspaceMgr.builder()
        .with(ArrayType.ACTIVATIONS, NAME, CONFIGURATION)
        .with(ArrayType.INPUT, NAME, CONFIGURATION)
        .with(ArrayType.FF_WORKING_MEM, NAME, CONFIGURATION)
        .build();
    workspace = Nd4j.getWorkspaceManager().getAndActivateWorkspace(CONFIGURATION, NAME);
  }

  static InferenceSpace open() {
    return new InferenceSpace();
  }

  LayerWorkspaceMgr manager() {
    return manager;
  }

  @Override
  public void close() {
    workspace.close();
  }
}
