//go:build !linux

package huge

const advises = false

func adviseHeap() {}
