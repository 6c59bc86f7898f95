"""The page Methods: conversion methods side by side."""
