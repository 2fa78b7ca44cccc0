package org.sluice.bench;

import java.util.List;
import java.util.Map;

/**
 * Everything a run came to.
 *
 * @param command the command line
 * @param date when it ended, ISO 8601 in UTC
 * @param machine facts about it, by name
 * @param summaries by workload, then candidate
 * @param left who was not asked, and why
 */
public record RunResult(
        String command,
        String date,
        Map<String, String> machine,
        List<Summary> summaries,
        List<String> left) {}
