"""The fields of dataclasses of transformers and trl. Made by tests/corpus/parsers/hf/library_table.py."""

VERSIONS = "transformers 4.44.2, transformers 4.57.1, transformers 5.23.0, trl 0.19.1, trl 1.16.0"

# by class, by how the option takes its value; what these versions take in different ways stands under `any`
FIELDS: dict[str, dict[str, str]] = {
    "TrainingArguments": {
        "any": """
        debug eval_strategy evaluation_strategy hub_strategy liger_kernel_config logging_strategy
        lr_scheduler_kwargs lr_scheduler_type optim parallelism_config save_strategy warmup_steps
        """,
        "bool": """
        activation_checkpointing adafactor auto_find_batch_size batch_eval_metrics bf16 bf16_full_eval
        dataloader_drop_last dataloader_persistent_workers ddp_broadcast_buffers ddp_find_unused_parameters
        ddp_static_graph disable_tqdm dispatch_batches do_eval do_predict do_train enable_jit_checkpoint
        eval_on_start eval_use_gather_object fp16 fp16_full_eval full_determinism gradient_checkpointing
        greater_is_better group_by_length hub_always_push hub_private_repo ignore_data_skip
        include_inputs_for_metrics include_num_input_tokens_seen include_tokens_per_second jit_mode_eval
        load_best_model_at_end logging_first_step no_cuda overwrite_output_dir prediction_loss_only push_to_hub
        restore_callback_states_from_checkpoint save_on_each_node save_only_model split_batches tf32 torch_compile
        tpu_metrics_debug use_cache use_cpu use_ipex use_legacy_prediction_loop use_liger_kernel use_mps_device
        """,
        "float": """
        adam_beta1 adam_beta2 adam_epsilon eval_delay eval_steps label_smoothing_factor learning_rate
        logging_steps max_grad_norm neftune_noise_alpha num_train_epochs save_steps warmup_ratio weight_decay
        """,
        "int": """
        data_seed dataloader_num_workers dataloader_prefetch_factor ddp_bucket_cap_mb ddp_timeout
        eval_accumulation_steps fsdp_min_num_params gradient_accumulation_steps local_rank max_steps past_index
        per_device_eval_batch_size per_device_train_batch_size per_gpu_eval_batch_size per_gpu_train_batch_size
        save_total_limit seed torch_empty_cache_steps tpu_num_cores
        """,
        "negatable": """
        average_tokens_across_devices dataloader_in_order dataloader_pin_memory eval_do_concat_batches
        log_on_each_node logging_nan_inf_filter remove_unused_columns save_safetensors skip_memory_metrics
        """,
        "str": """
        accelerator_config activation_checkpointing_kwargs dataloader_multiprocessing_context ddp_backend
        deepspeed fp16_backend fp16_opt_level fsdp fsdp_config fsdp_transformer_layer_cls_to_wrap
        gradient_checkpointing_kwargs half_precision_backend hub_model_id hub_revision hub_token
        length_column_name log_level log_level_replica logging_dir metric_for_best_model mp_parameters optim_args
        optim_target_modules output_dir project push_to_hub_model_id push_to_hub_organization push_to_hub_token
        ray_scope report_to resume_from_checkpoint run_name torch_compile_backend torch_compile_mode torchdynamo
        trackio_bucket_id trackio_space_id trackio_static_space_id train_sampling_strategy
        """,
        "strs": """
        include_for_metrics label_names
        """,
    },
    "Seq2SeqTrainingArguments": {
        "any": """
        debug eval_strategy evaluation_strategy generation_config hub_strategy liger_kernel_config
        logging_strategy lr_scheduler_kwargs lr_scheduler_type optim parallelism_config save_strategy warmup_steps
        """,
        "bool": """
        activation_checkpointing adafactor auto_find_batch_size batch_eval_metrics bf16 bf16_full_eval
        dataloader_drop_last dataloader_persistent_workers ddp_broadcast_buffers ddp_find_unused_parameters
        ddp_static_graph disable_tqdm dispatch_batches do_eval do_predict do_train enable_jit_checkpoint
        eval_on_start eval_use_gather_object fp16 fp16_full_eval full_determinism gradient_checkpointing
        greater_is_better group_by_length hub_always_push hub_private_repo ignore_data_skip
        include_inputs_for_metrics include_num_input_tokens_seen include_tokens_per_second jit_mode_eval
        load_best_model_at_end logging_first_step no_cuda overwrite_output_dir predict_with_generate
        prediction_loss_only push_to_hub restore_callback_states_from_checkpoint save_on_each_node save_only_model
        sortish_sampler split_batches tf32 torch_compile tpu_metrics_debug use_cache use_cpu use_ipex
        use_legacy_prediction_loop use_liger_kernel use_mps_device
        """,
        "float": """
        adam_beta1 adam_beta2 adam_epsilon eval_delay eval_steps label_smoothing_factor learning_rate
        logging_steps max_grad_norm neftune_noise_alpha num_train_epochs save_steps warmup_ratio weight_decay
        """,
        "int": """
        data_seed dataloader_num_workers dataloader_prefetch_factor ddp_bucket_cap_mb ddp_timeout
        eval_accumulation_steps fsdp_min_num_params generation_max_length generation_num_beams
        gradient_accumulation_steps local_rank max_steps past_index per_device_eval_batch_size
        per_device_train_batch_size per_gpu_eval_batch_size per_gpu_train_batch_size save_total_limit seed
        torch_empty_cache_steps tpu_num_cores
        """,
        "negatable": """
        average_tokens_across_devices dataloader_in_order dataloader_pin_memory eval_do_concat_batches
        log_on_each_node logging_nan_inf_filter remove_unused_columns save_safetensors skip_memory_metrics
        """,
        "str": """
        accelerator_config activation_checkpointing_kwargs dataloader_multiprocessing_context ddp_backend
        deepspeed fp16_backend fp16_opt_level fsdp fsdp_config fsdp_transformer_layer_cls_to_wrap
        gradient_checkpointing_kwargs half_precision_backend hub_model_id hub_revision hub_token
        length_column_name log_level log_level_replica logging_dir metric_for_best_model mp_parameters optim_args
        optim_target_modules output_dir project push_to_hub_model_id push_to_hub_organization push_to_hub_token
        ray_scope report_to resume_from_checkpoint run_name torch_compile_backend torch_compile_mode torchdynamo
        trackio_bucket_id trackio_space_id trackio_static_space_id train_sampling_strategy
        """,
        "strs": """
        include_for_metrics label_names
        """,
    },
    "SFTConfig": {
        "any": """
        dataset_kwargs model_init_kwargs pad_to_multiple_of
        """,
        "bool": """
        activation_offloading assistant_only_loss bf16 completion_only_loss eval_packing packing padding_free
        shuffle_dataset trust_remote_code use_liger_kernel
        """,
        "float": """
        learning_rate logging_steps router_aux_loss_coef
        """,
        "int": """
        dataset_num_proc max_length max_seq_length torch_empty_cache_steps
        """,
        "negatable": """
        average_tokens_across_devices gradient_checkpointing
        """,
        "str": """
        chat_template_path dataset_text_field eos_token loss_type lr_scheduler_kwargs packing_strategy pad_token
        truncation_mode
        """,
    },
    "DPOConfig": {
        "any": """
        loss_type model_init_kwargs ref_model_init_kwargs tools
        """,
        "bool": """
        activation_offloading bf16 force_use_ref_model generate_during_eval padding_free precompute_ref_log_probs
        reference_free sync_ref_model trust_remote_code use_liger_kernel use_liger_loss use_logits_to_keep
        use_weighting
        """,
        "float": """
        beta discopop_tau f_alpha_divergence_coef label_smoothing ld_alpha learning_rate logging_steps
        ref_model_mixup_alpha router_aux_loss_coef rpo_alpha
        """,
        "floats": """
        loss_weights
        """,
        "int": """
        dataset_num_proc label_pad_token_id max_completion_length max_length max_prompt_length padding_value
        precompute_ref_batch_size ref_model_sync_steps torch_empty_cache_steps
        """,
        "negatable": """
        disable_dropout gradient_checkpointing
        """,
        "str": """
        base_model_attribute_name f_divergence_type lr_scheduler_kwargs model_adapter_name pad_to_multiple_of
        pad_token ref_adapter_name truncation_mode
        """,
    },
    "GRPOConfig": {
        "any": """
        generation_kwargs scale_rewards
        """,
        "bool": """
        bf16 cast_lm_head_to_fp32 disable_dropout log_completions log_unique_prompts mask_truncated_completions
        remove_unused_columns sync_ref_model trust_remote_code use_adaptive_entropy use_liger_kernel
        use_liger_loss use_transformers_continuous_batching use_transformers_paged use_vllm vllm_enable_sleep_mode
        wandb_log_unique_prompts
        """,
        "float": """
        beta delta entropy_coef entropy_coef_delta entropy_coef_max entropy_coef_min entropy_target epsilon
        epsilon_high learning_rate logging_steps min_p off_policy_mask_threshold ref_model_mixup_alpha
        repetition_penalty router_aux_loss_coef sapo_temperature_neg sapo_temperature_pos temperature
        top_entropy_quantile top_p vespo_k_neg vespo_k_pos vespo_lambda_neg vespo_lambda_pos
        vllm_gpu_memory_utilization vllm_importance_sampling_cap vllm_importance_sampling_clip_max
        vllm_importance_sampling_clip_min vllm_server_timeout
        """,
        "floats": """
        reward_weights
        """,
        "int": """
        generation_batch_size max_completion_length max_prompt_length max_tool_calling_iterations
        num_completions_to_print num_generations num_generations_eval num_iterations ref_model_sync_steps
        steps_per_generation top_k torch_empty_cache_steps vllm_group_port vllm_max_model_length vllm_server_port
        vllm_tensor_parallel_size
        """,
        "negatable": """
        ds3_gather_for_generation gradient_checkpointing log_multimodal shuffle_dataset use_bias_correction_kl
        vllm_importance_sampling_correction
        """,
        "str": """
        cache_implementation chat_template_kwargs importance_sampling_level log_completions_hub_repo loss_type
        lr_scheduler_kwargs model_init_kwargs multi_objective_aggregation pad_to_multiple_of
        transformers_continuous_batching_config vllm_guided_decoding_regex vllm_importance_sampling_mode vllm_mode
        vllm_model_impl vllm_server_base_url vllm_server_host vllm_structured_outputs_regex
        """,
    },
    "KTOConfig": {
        "any": """
        model_init_kwargs ref_model_init_kwargs
        """,
        "bool": """
        activation_offloading bf16 generate_during_eval is_encoder_decoder precompute_ref_log_probs sync_ref_model
        trust_remote_code use_liger_kernel use_liger_loss
        """,
        "float": """
        beta desirable_weight learning_rate logging_steps ref_model_mixup_alpha router_aux_loss_coef
        undesirable_weight
        """,
        "int": """
        dataset_num_proc label_pad_token_id max_completion_length max_length max_prompt_length padding_value
        precompute_ref_batch_size ref_model_sync_steps torch_empty_cache_steps
        """,
        "negatable": """
        disable_dropout gradient_checkpointing
        """,
        "str": """
        base_model_attribute_name loss_type lr_scheduler_kwargs pad_to_multiple_of train_sampling_strategy
        truncation_mode
        """,
    },
    "RewardConfig": {
        "bool": """
        activation_offloading bf16 remove_unused_columns trust_remote_code use_liger_kernel
        """,
        "float": """
        center_rewards_coefficient learning_rate logging_steps
        """,
        "int": """
        dataset_num_proc max_length torch_empty_cache_steps
        """,
        "negatable": """
        average_tokens_across_devices disable_dropout gradient_checkpointing
        """,
        "str": """
        chat_template_path eos_token lr_scheduler_kwargs model_init_kwargs pad_to_multiple_of pad_token
        """,
    },
    "ModelConfig": {
        "bool": """
        load_in_4bit load_in_8bit trust_remote_code use_bnb_nested_quant use_dora use_peft use_rslora
        """,
        "float": """
        lora_dropout
        """,
        "int": """
        lora_alpha lora_r
        """,
        "str": """
        attn_implementation bnb_4bit_quant_storage bnb_4bit_quant_type dtype lora_task_type model_name_or_path
        model_revision torch_dtype
        """,
        "strs": """
        lora_modules_to_save lora_target_modules lora_target_parameters
        """,
    },
    "ScriptArguments": {
        "bool": """
        dataset_streaming gradient_checkpointing_use_reentrant ignore_bias_buffers
        """,
        "str": """
        dataset_config dataset_name dataset_test_split dataset_train_split
        """,
    },
}
