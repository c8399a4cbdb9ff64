// Package rules holds alert rules for file integrity monitoring under PCI DSS
// 11.5.2 and 10.3.4, each with its tests: copy them and make them yours.
//
//	tidemark rule test examples/rules
//	tidemark rule run --targets targets.yaml examples/rules
package rules
