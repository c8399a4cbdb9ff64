//go:build !linux

package huge

func adviseHeap() {}
