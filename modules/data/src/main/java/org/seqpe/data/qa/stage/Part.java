package org.seqpe.data.qa.stage;

import java.util.SortedMap;
import org.seqpe.data.qa.AnswerShardInfo;

/**
 * A small shard that a task made.
 *
 * @param problem what is wrong with the input, or empty
 * @param shard its name is its path
 * @param skipped examples left out, by reason
 */
public record Part(String problem, AnswerShardInfo shard, SortedMap<String, Long> skipped) {}
