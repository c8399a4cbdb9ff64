// Package rule is alert rules: saved queries that raise alerts. It reads rule
// files, says what is wrong with them, and works out what a rule raises at a
// tick: a function of the rule, the tick, what it raised before and the data,
// and of nothing else. So a replay of history gives the alerts of the live run.
//
//	rule.go measure.go      what a rule is
//	duration.go             spans of time as Sentinel, Azure and people write them
//	load.go read.go         files to rules
//	sentinel.go tidemark.go the keys of Sentinel's YAML, and our own block
//	azure.go arm*.go        scheduled query rules of Azure, expressions of templates
//	lint.go                 what is wrong with a rule
//	convert.go              a rule as YAML
//	tick.go                 when a rule looks, and at what
//	evaluate.go group.go    a query's rows against the criteria
//	state.go step.go        what is open, muted, seen; one tick
//	event.go raise.go       what happened to an alert
//	seen.go identifier.go   fingerprints of rows, identifiers
//	runtest.go              tests inside of rule files, ticks of the past
//
// docs/rules.md is the manual.
package rule
