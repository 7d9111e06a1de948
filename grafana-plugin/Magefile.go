//go:build mage

package main

import (
	// mage:import
	_ "github.com/grafana/grafana-plugin-sdk-go/build"
)
