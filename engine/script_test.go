package engine_test

import (
	"testing"

	"tidemark/internal/script"
)

func TestScript(t *testing.T) { script.Run(t, "testdata") }
