// Package adapt is the scripted run: a TOML plan and a folder of clips go in,
// embeddings are extracted once and cached, methods are fitted and scored, and
// every number ends in the pilot's ledger and report.
//
// It is the one place where the model's side (clips, towers) meets the array
// side (features, classifiers), through small interfaces of its own, and the
// only reader of plans. Nothing here is chosen on test clips: what fits sees
// training rows only. A run may be killed at any moment; running the plan
// again goes on where it stopped and ends in the same numbers.
//
// Its files, by what they are about:
//
//   - the plan: plan, plan_check, plan_method, bind, problems, seed, assumed,
//     methods; drafted by draft and choices; pinned by planlock and locked
//   - the data: data, item, manifest, folders, paths, account, split, windows,
//     quarantine, unlabelled, confirm; judged by check, check_compare, finding
//     and findings_*
//   - embeddings: embedder, extract, extraction, locate, content, embed,
//     inorder, shards, texts, prompts, origin, collect
//   - a run: run, ending, stages, tasks, experiment, fit, scores, retrieval,
//     evidence, variance, looks, bundles, replaced, summary, keys; events,
//     progress and hold for those who follow it; dryrun, estimate, forecast and
//     rates say what it takes
//   - sites without labels: newsites, sites, move, told
package adapt
